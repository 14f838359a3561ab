"""The fields that the tests of the query language use."""

from curation.core.query import Field, Fields

PEOPLE = Field("people", "number", aliases=("persons",))
BLUR = Field("blur", "number")
LIGHTING = Field("lighting", "text", choices=("pitch_dark", "dark", "dim", "normal", "bright"))
CAMERA = Field("camera", "text")
OBJECTS = Field("objects", "text_list")
MOTION = Field("motion", "boolean")
TIME = Field("recorded_at", "time")
FIELDS = Fields((PEOPLE, BLUR, LIGHTING, CAMERA, OBJECTS, MOTION, TIME), families={"count.": "number"})
