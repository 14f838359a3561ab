"""Label Studio servers that are known, and the projects there that tasks are sent to."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class Connection(models.Model):
    """A Label Studio server. Its token is kept encrypted under this service's secret key, and is never shown again."""

    class Pictures(models.TextChoices):
        SIGNED = "signed", "signed links of this service"
        BUCKET = "bucket", "s3:// addresses, which Label Studio's own storage signs"

    name = models.CharField(
        max_length=80,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    url = models.CharField(max_length=500, help_text="As this service reaches it: https://label.example.org")
    sealed_token = models.TextField(blank=True, help_text="Encrypted.")
    webhook_secret = models.CharField(max_length=64, help_text="What its webhooks must say in X-Winnow-Secret.")
    pictures = models.CharField(max_length=8, choices=Pictures, default=Pictures.SIGNED)
    pictures_url = models.CharField(
        max_length=500, blank=True, help_text="Where annotators reach this service; empty: where it listens."
    )  # fmt: skip
    webhook_url = models.CharField(
        max_length=500, blank=True, help_text="Where Label Studio reaches this service; empty sends no webhooks."
    )
    health = models.JSONField(default=dict, help_text="What the last check of it said: see services/connections.py.")
    checked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class LabelProject(models.Model):
    """A project on a Label Studio server. `classes` and `factors` are what its labelling configuration offers."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="projects")
    number = models.PositiveBigIntegerField(help_text="Its id on the server.")
    title = models.CharField(max_length=200)
    config = models.TextField(help_text="The labelling configuration (XML) as this service last saw it.")
    classes = models.JSONField(default=list, help_text='["person", "jacket"]')
    factors = models.JSONField(default=dict, help_text='{"weather": ["clear", "rain"]}: choices for human tags.')
    names = models.JSONField(default=dict, help_text="Its control tags: see core/label_config.py.")
    webhook = models.PositiveBigIntegerField(null=True, help_text="The webhook's id on the server.")
    polled_at = models.DateTimeField(null=True, help_text="When its answers were last read to the end.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("connection", "number"), name="label_project_once")]

    def __str__(self) -> str:
        return self.title
