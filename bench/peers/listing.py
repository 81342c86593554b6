"""listing - a page of videos by FastAPI and SQLAlchemy, on the tables of bookmarks: for bench/listing.

What a request does is what bookmarks does for its own: the list by its id, a page of videos behind a
position, the fields' values and the tags of all of them (one statement each, by selectinload), and
JSON with the same members. DATABASE names the file.
"""

import datetime
import os
from typing import Any, Dict, List, Optional

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, Float, ForeignKey, String, Table, create_engine
from sqlalchemy.orm import Session, declarative_base, relationship, selectinload, sessionmaker

engine = create_engine(f"sqlite:///{os.environ['DATABASE']}", connect_args={"check_same_thread": False})
make_session = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()

video_tags = Table("video_tags", Base.metadata, Column("video_id", ForeignKey("videos.id")),
                   Column("tag_id", ForeignKey("tags.id")))


class VideoList(Base):
    __tablename__ = "lists"
    id = Column(String, primary_key=True)


class Tag(Base):
    __tablename__ = "tags"
    id = Column(String, primary_key=True)
    name = Column(String)
    color = Column(String)
    is_category = Column(BigInteger)
    position = Column(BigInteger)


class Field(Base):
    __tablename__ = "fields"
    id = Column(String, primary_key=True)
    list_id = Column(ForeignKey("lists.id"))
    name = Column(String)
    is_required = Column(BigInteger)


class FieldValue(Base):
    __tablename__ = "field_values"
    video_id = Column(ForeignKey("videos.id"), primary_key=True)
    field_id = Column(ForeignKey("fields.id"), primary_key=True)
    value = Column(String)
    value_number = Column(Float)
    value_text = Column(String)
    source = Column(String)
    updated_at_ms = Column(BigInteger)


class Video(Base):
    __tablename__ = "videos"
    id = Column(String, primary_key=True)
    list_id = Column(ForeignKey("lists.id"))
    youtube_id = Column(String)
    position = Column(BigInteger)
    status = Column(String)
    error = Column(String)
    title = Column(String)
    own_title = Column(String)
    channel = Column(String)
    channel_id = Column(String)
    duration_seconds = Column(BigInteger)
    published_at_ms = Column(BigInteger)
    language = Column(String)
    thumbnail_url = Column(String)
    view_count = Column(BigInteger)
    like_count = Column(BigInteger)
    comment_count = Column(BigInteger)
    category = Column(String)
    live = Column(String)
    privacy = Column(String)
    is_embeddable = Column(BigInteger)
    has_captions = Column(BigInteger)
    availability = Column(String)
    checked_at_ms = Column(BigInteger)
    metadata_origin = Column(String)
    metadata_at_ms = Column(BigInteger)
    added_at_ms = Column(BigInteger)
    start_seconds = Column(BigInteger)
    watch_position_seconds = Column(BigInteger)
    watched_at_ms = Column(BigInteger)
    created_at_ms = Column(BigInteger)
    updated_at_ms = Column(BigInteger)
    tags = relationship(Tag, secondary=video_tags, order_by=Tag.position)
    field_values = relationship(FieldValue)


class TagAnswer(BaseModel):
    id: str
    name: str
    color: Optional[str]
    is_category: bool


class ValueAnswer(BaseModel):
    field_id: str
    value: Any
    source: str
    updated_at: datetime.datetime


class VideoAnswer(BaseModel):
    id: str
    list_id: str
    youtube_id: str
    url: str
    position: int
    status: str
    error: Optional[str]
    title: Optional[str]
    own_title: Optional[str]
    channel: Optional[str]
    channel_id: Optional[str]
    duration_seconds: Optional[int]
    published: Optional[datetime.datetime]
    language: Optional[str]
    thumbnail_url: Optional[str]
    view_count: Optional[int]
    like_count: Optional[int]
    comment_count: Optional[int]
    category: Optional[str]
    live: Optional[str]
    privacy: Optional[str]
    is_embeddable: Optional[bool]
    has_captions: Optional[bool]
    availability: str
    checked_at: Optional[datetime.datetime]
    metadata_origin: Optional[str]
    metadata_at: Optional[datetime.datetime]
    added_at: Optional[datetime.datetime]
    start_seconds: Optional[int]
    watch_position: Optional[int]
    watched_at: Optional[datetime.datetime]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    tags: List[TagAnswer]
    fields: Dict[str, ValueAnswer]
    missing_fields: List[str]


def instant(at_ms):
    return None if at_ms is None else datetime.datetime.fromtimestamp(at_ms / 1000, datetime.timezone.utc)


def answer_of(video, fields):
    values = {fields[value.field_id].name: ValueAnswer(
        field_id=value.field_id,
        value=value.value_number if value.value_number is not None else value.value_text,
        source=value.source, updated_at=instant(value.updated_at_ms)) for value in video.field_values}
    return VideoAnswer(
        id=video.id, list_id=video.list_id, youtube_id=video.youtube_id,
        url=f"https://www.youtube.com/watch?v={video.youtube_id}", position=video.position, status=video.status,
        error=video.error, title=video.own_title or video.title, own_title=video.own_title, channel=video.channel,
        channel_id=video.channel_id, duration_seconds=video.duration_seconds,
        published=instant(video.published_at_ms), language=video.language, thumbnail_url=video.thumbnail_url,
        view_count=video.view_count, like_count=video.like_count, comment_count=video.comment_count,
        category=video.category, live=video.live, privacy=video.privacy, is_embeddable=video.is_embeddable,
        has_captions=video.has_captions, availability=video.availability, checked_at=instant(video.checked_at_ms),
        metadata_origin=video.metadata_origin, metadata_at=instant(video.metadata_at_ms),
        added_at=instant(video.added_at_ms), start_seconds=video.start_seconds,
        watch_position=video.watch_position_seconds, watched_at=instant(video.watched_at_ms),
        created_at=instant(video.created_at_ms), updated_at=instant(video.updated_at_ms),
        tags=[TagAnswer(id=tag.id, name=tag.name, color=tag.color, is_category=tag.is_category)
              for tag in video.tags],
        fields=values,
        missing_fields=[field.name for field in fields.values() if field.is_required and field.name not in values])


def session():
    with make_session() as made:
        yield made


app = FastAPI()


@app.get("/api/lists/{list_id}/videos", response_model=List[VideoAnswer])
def videos(list_id: str, limit: int = Query(50, ge=1, le=1000), after: int = 0,
           database: Session = Depends(session)):
    if not database.get(VideoList, list_id):
        raise HTTPException(404, "List not found")
    fields = {field.id: field for field in database.query(Field).filter(Field.list_id == list_id)}
    page = (database.query(Video).options(selectinload(Video.tags), selectinload(Video.field_values))
            .filter(Video.list_id == list_id, Video.position > after).order_by(Video.position).limit(limit))
    return [answer_of(video, fields) for video in page]
