"""The commands that change what a person says: lists, fields, tags, notes, values."""
import json
import os
import subprocess

from support import tap
from support.serve import BIN, environment

URL = "https://youtu.be/dwILgDsbmto"


def run(folder, *args, code=0):
    """What a command printed, or said on stderr when it failed."""
    done = subprocess.run([BIN, *args], env=environment(folder), capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == code, (args, done)
    return done.stderr if code else done.stdout


def ask(folder, *args):
    return json.loads(run(folder, args[0], "--json", *args[1:]))


def make_list(folder, name="mine"):
    run(folder, "lists", "--template", "none", "add", name)
    file = os.path.join(folder, "urls.txt")
    with open(file, "w") as urls:
        urls.write(URL + "\n")
    run(folder, "import", "--no-process", "--list", name, file)


def lists_are_made_described_and_deleted(folder):
    made = ask(folder, "lists", "--template", "quality", "--description", "first", "add", "one")
    assert (made["name"], made["description"], made["video_count"]) == ("one", "first", 0), made
    run(folder, "lists", "--name", "two", "change", "one")
    assert [each["name"] for each in ask(folder, "lists")] == ["two"]
    assert "there is one of this name" in run(folder, "lists", "add", "two", code=1)
    assert run(folder, "lists", "delete", "two") == "deleted\n"
    assert ask(folder, "lists") == []
    assert run(folder, "lists", "burn", "two", code=2).startswith("usage: bookmarks lists")


def fields_are_made_changed_copied_ordered_and_deleted(folder):
    make_list(folder)
    made = ask(folder, "fields", "--add",
               '{"label": "How hard?", "type": "select", "options": ["easy", "hard"]}', "mine")
    assert made["name"] == "how_hard", made
    run(folder, "fields", "--add", '{"name": "stars", "type": "rating"}', "mine")
    said = run(folder, "fields", "mine")
    assert "how_hard" in said and "easy, hard" in said and "0 to 5" in said, said
    assert "needs options" in run(folder, "fields", "--add", '{"name": "x", "type": "select"}', "mine",
                                  code=1)
    run(folder, "edit", "mine", URL, "how_hard=hard")
    refused = run(folder, "fields", "--change", '{"options": ["easy"]}', "mine", "how_hard", code=1)
    assert "1 values of how_hard do not fit any more" in refused, refused
    said = run(folder, "fields", "--set-aside", "--change", '{"options": ["easy"]}', "mine", "how_hard")
    assert said == "how_hard: 0 values converted, 1 put aside, 0 brought back\n", said
    run(folder, "fields", "--copy", "recipes", "mine")
    run(folder, "fields", "--order", "mine", "stars", "how_hard", "taste", "cook_again", "changes",
        "complexity")
    run(folder, "fields", "--delete", "mine", "changes")
    assert [field["name"] for field in ask(folder, "fields", "mine")] == [
        "stars", "how_hard", "taste", "cook_again", "complexity"]
    make_list(folder, "other")
    run(folder, "fields", "--copy", "mine", "other")
    assert len(ask(folder, "fields", "other")) == 5
    assert "talks " in run(folder, "fields", "--templates")
    run(folder, "fields", "--delete", "mine", code=2)


def values_are_set_all_or_none(folder):
    make_list(folder)
    run(folder, "fields", "--copy", "recipes", "mine")
    video = ask(folder, "edit", "--title", "Soup", "--position", "30", "--watched", "mine", URL,
                "complexity=Easy", "taste=4.5", "cook_again=yes")
    assert (video["own_title"], video["watch_position"]) == ("Soup", 30) and video["watched_at"]
    assert {name: each["value"] for name, each in video["fields"].items()} == {
        "complexity": "easy", "taste": 4.5, "cook_again": True}, video
    refused = run(folder, "edit", "mine", video["id"], "cook_again=no", "taste=9", code=1)
    assert "taste cannot be 9: it takes a number from 0 to 5" in refused, refused
    assert "no field colour" in run(folder, "edit", "mine", URL, "colour=red", code=1)
    video = ask(folder, "edit", "--title", "", "--unwatched", "mine", "dwILgDsbmto", "taste=")
    assert video["own_title"] is None and video["watched_at"] is None, video
    assert sorted(video["fields"]) == ["complexity", "cook_again"], video
    make_list(folder, "other")
    assert "has this video" in run(folder, "edit", "--copy-to", "other", "mine", URL, code=1)
    run(folder, "edit", "--delete", "other", URL)
    moved = ask(folder, "edit", "--move-to", "other", "mine", URL)
    assert moved["id"] == video["id"] and moved["list_id"] != video["list_id"], moved
    assert "has no video" in run(folder, "edit", "mine", URL, code=1)


def tags_are_made_given_merged_and_deleted(folder):
    make_list(folder)
    made = ask(folder, "tags", "--color", "#00aaff", "--category", "add", "Talk")
    assert made["is_category"] and made["color"] == "#00aaff", made
    assert run(folder, "tags", "give", "mine", URL, "talk", "late", "good") == "Talk, late, good\n"
    assert run(folder, "tags", "take", "mine", URL, "late") == "Talk, good\n"
    run(folder, "tags", "--category", "add", "Song")
    assert "another category" in run(folder, "tags", "give", "mine", URL, "song", code=1)
    run(folder, "tags", "--color", "", "change", "GOOD", "Great")
    run(folder, "tags", "merge", "late", "great")
    assert [(tag["name"], tag["video_count"]) for tag in ask(folder, "tags")] == [
        ("Talk", 1), ("Great", 1), ("Song", 0)]
    run(folder, "tags", "delete", "song")
    assert "category" in run(folder, "tags")
    run(folder, "tags", "add", code=2)


def notes_are_written_and_deleted(folder):
    make_list(folder)
    late = ask(folder, "notes", "--at", "3661", "--add", "Late", "mine", URL)
    assert late["at_seconds"] == 3661, late
    run(folder, "notes", "--add", "Of all", "mine", URL)
    said = run(folder, "notes", "mine", URL)
    assert said.index("Of all") < said.index("1:01:01"), said
    run(folder, "notes", "--change", "Later", late["id"])
    assert [note["text"] for note in ask(folder, "notes", "mine", URL)] == ["Of all", "Later"]
    run(folder, "notes", "--delete", late["id"])
    assert "there is none" in run(folder, "notes", "--delete", late["id"], code=1)
    run(folder, "notes", "mine", code=2)


tap.run(
    lists_are_made_described_and_deleted,
    fields_are_made_changed_copied_ordered_and_deleted,
    values_are_set_all_or_none,
    tags_are_made_given_merged_and_deleted,
    notes_are_written_and_deleted,
)
