"""The arguments of `manage.py labelstudio`."""

from django.core.management.base import CommandParser

from activelearning.models import Connection


def add_verbs(parser: CommandParser) -> None:
    """Add the verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    connect = verbs.add_parser("connect", help="Enter a server or change one, and look whether it works.")
    connect.add_argument("name", help="Lower-case letters, digits, '_', '.' and '-'.")
    connect.add_argument("url", nargs="?", default=None, help="https://label.example.org; needed the first time.")
    connect.add_argument(
        "--pictures", choices=Connection.Pictures.values, default=None,
        help="How annotators get pictures: signed links of this service (signed, the default), or s3:// (bucket).",
    )  # fmt: skip
    connect.add_argument("--pictures-url", default=None, help="Where annotators' browsers reach this service.")
    connect.add_argument("--webhook-url", default=None, help="Where Label Studio reaches this service; '' is none.")
    connect.add_argument("--keep-token", action="store_true", help="Of a known one: do not ask for its token again.")
    check = verbs.add_parser("check", help="Look whether connections work, and say what is wrong.")
    check.add_argument("name", nargs="?", default="", help="All, if left out.")
    verbs.add_parser("list", help="List connections, and what the last look at each said.")
    projects = verbs.add_parser("projects", help="List projects that are known here.")
    projects.add_argument("name", nargs="?", default="", metavar="CONNECTION")
    projects.add_argument("--there", action="store_true", help="List those on the server instead.")
    project = verbs.add_parser("project", help="Make a project there, or use one that is there.")
    project.add_argument("name", metavar="CONNECTION")
    project.add_argument("--title", default=None, help="Of a new project, 3 to 50 characters.")
    project.add_argument("--adopt", type=int, default=None, metavar="N", help="The number of one that is there.")
    project.add_argument("--classes", default="", metavar="A,B", help="What boxes are drawn of.")
    project.add_argument("--factors", default="", metavar="A,B", help="Factors whose values people choose.")
    remove = verbs.add_parser("remove", help="Forget a connection and its token; nothing is deleted there.")
    remove.add_argument("name")
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")
