"""Finding videos over the API and from the command line: words, operators, orders, pages, all that match."""
import json
import urllib.parse

from support import tap
from support.serve import Server

TALKS = """url,title,channel,duration_seconds
https://youtu.be/aaaaaaaaaa0,Zürich by train,Rails,600
https://youtu.be/aaaaaaaaaa1,Trains of Zurich,Rails,1200
https://youtu.be/aaaaaaaaaa2,About cats,Cats,60
https://youtu.be/aaaaaaaaaa3,More about cats,Cats,90
https://youtu.be/aaaaaaaaaa4,,,
"""


def fill(server):
    server.run("import", "--list", "talks", "-", stdin=TALKS)
    status, made = server.ask("POST", "/api/lists/talks/fields",
                              {"name": "depth", "type": "select", "options": ["easy", "hard"]})
    assert status == 201, made
    return {each["youtube_id"][-1]: each["id"] for each in server.get("/api/lists/talks/videos")}


def found(server, path, **query):
    """Titles, cursor and count."""
    status, _, text, headers = server.exchange("GET", f"{path}?{urllib.parse.urlencode(query)}")
    assert status == 200, (path, query, text)
    return ([each["youtube_id"][-1] for each in json.loads(text)], headers["Next-Cursor"],
            headers["Total-Count"])


def a_list_is_filtered_sorted_and_paged(folder):
    with Server(folder, "--no-worker") as server:
        fill(server)
        videos = "/api/lists/talks/videos"
        assert found(server, videos, q="zurich") [0] in (["0", "1"], ["1", "0"])
        assert found(server, videos, q="zurich -trains", count="true") == (["0"], None, "1")
        assert found(server, videos, sort="title")[0] == ["2", "3", "1", "0", "4"]
        assert found(server, videos, sort="title", order="desc")[0] == ["0", "1", "3", "2", "4"]
        seen, cursor = [], {}
        while True:
            page, following, total = found(server, videos, sort="-title", limit=2, count="true", **cursor)
            assert total == "5" and len(page) <= 2
            seen += page
            if following is None:
                break
            cursor = {"cursor": following}
        assert seen == ["0", "1", "3", "2", "4"], seen
        assert found(server, videos, status="pending")[0] == ["0", "1", "2", "3", "4"]
        assert found(server, "/api/videos", q="cats list:talks", sort="position")[0] == ["2", "3"]


def a_query_that_makes_no_sense_is_told_where(folder):
    with Server(folder, "--no-worker") as server:
        fill(server)
        for query, told in (({"q": "cats is:odd"}, "At character 6: is:odd is nothing that a video can be"),
                            ({"q": "field:colour"}, "There is no field colour; there are: "),
                            ({"sort": "colour"}, "There is no order colour, but position"),
                            ({"cursor": "abc"}, "This cursor is none")):
            status, _, text, _ = server.exchange("GET", "/api/lists/talks/videos?" + urllib.parse.urlencode(query))
            assert status == 422 and told in json.loads(text)["detail"], (query, text)


def what_is_found_says_why(folder):
    with Server(folder, "--no-worker") as server:
        ids = fill(server)
        status, made = server.ask("POST", f"/api/videos/{ids['2']}/notes", {"text": "A note on Zürich, too"})
        assert status == 201, made
        answer = server.get("/api/search?q=zurich")
        assert answer["total"] == 3 and len(answer["results"]) == 3, answer
        noted = [each for each in answer["results"] if each["youtube_id"][-1] == "2"][0]
        assert (noted["in"], noted["parts"][1]) == ("notes", "Zürich"), noted
        assert server.get("/api/search?q=zurich&limit=2&offset=2")["results"][0] == answer["results"][2]
        told = json.loads(server.run("search", "--json", "zurich", "in:notes"))
        assert [each["video_id"] for each in told["results"]] == [ids["2"]], told
        assert "A note on Zürich, too" in server.run("search", "zurich in:notes")
        assert server.run("videos", "--query", "cats", "--sort", "-title", "talks").count("about cats") == 1
        assert [each["id"] for each in json.loads(server.run("videos", "--json", "--query", "cats", "talks"))]
        assert server.run("reindex") == "5 videos indexed\n"
        assert server.get("/api/search?q=zurich")["total"] == 3


def a_view_has_the_videos_of_its_query(folder):
    with Server(folder, "--no-worker") as server:
        fill(server)
        status, view = server.ask("POST", "/api/views", {"name": "cats", "query": "cats", "sort": "-title"})
        assert status == 201, view
        assert found(server, f"/api/views/{view['id']}/videos")[0] == ["3", "2"]
        assert found(server, f"/api/views/{view['id']}/videos", q="-more")[0] == ["2"]


def the_filter_of_the_original_filters(folder):
    with Server(folder, "--no-worker") as server:
        ids = fill(server)
        status, said = server.ask("PATCH", f"/api/videos/{ids['2']}", {"fields": {"depth": "hard"}})
        assert status == 200, said
        status, said = server.ask("PATCH", f"/api/videos/{ids['3']}", {"fields": {"depth": "easy"}})
        assert status == 200, said
        status, said = server.ask("POST", "/api/videos/bulk",
                                  {"action": "tag", "query": "zurich", "tag_ids": [server.ask(
                                      "POST", "/api/tags", {"name": "Swiss"})[1]["id"]]})
        assert said["done_count"] == 2, said

        def by(**body):
            status, said = server.ask("POST", "/api/lists/talks/videos/filter", body)
            assert status == 200, said
            return [each["youtube_id"][-1] for each in said]
        assert by(tags=["swiss", "none"], sort_by="title", sort_order="asc") == ["1", "0"]
        level = [{"field_id": "depth", "operator": "exact", "value": "hard"}]
        assert by(field_filters=level) == ["2"]
        assert by(field_filters=[{"field_id": "depth", "operator": "in", "value": "hard, easy"}],
                  sort_by="title", sort_order="asc") == ["2", "3"]
        assert len(by()) == 5
        status, said = server.ask("POST", "/api/lists/talks/videos/filter", {"sort_by": "colour"})
        assert status == 422, said
        status, said = server.ask("POST", "/api/lists/talks/videos/filter",
                                  {"field_filters": [{"field_id": "none", "value": 1}]})
        assert status == 404, said


def one_thing_is_done_to_all_that_match(folder):
    with Server(folder, "--no-worker") as server:
        fill(server)
        status, said = server.ask("POST", "/api/videos/bulk", {"action": "watched", "query": "cats"})
        assert status == 200 and said["done_count"] == 2, said
        assert found(server, "/api/videos", q="is:watched", sort="position")[0] == ["2", "3"]
        status, said = server.ask("POST", "/api/videos/bulk",
                                  {"action": "delete", "list_id": "talks", "query": "is:watched"})
        assert status == 200 and said["done_count"] == 2, said
        assert len(server.get("/api/videos")) == 3
        for body in ({"query": "is:odd"}, {"query": "a", "video_ids": ["x"]}, {"query": "a", "status": "failed"}):
            status, said = server.ask("POST", "/api/videos/bulk", {"action": "delete", **body})
            assert status == 422, (body, said)
        assert len(server.get("/api/videos")) == 3


tap.run(
    a_list_is_filtered_sorted_and_paged,
    a_query_that_makes_no_sense_is_told_where,
    what_is_found_says_why,
    a_view_has_the_videos_of_its_query,
    the_filter_of_the_original_filters,
    one_thing_is_done_to_all_that_match,
)
