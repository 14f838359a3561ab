"""Operating conditions and the vectors of their prompts."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import LeanAdmin, MadeByMachines, link, pretty
from curation.core.errors import WinnowError
from curation.core.operating import parse, read_yaml
from curation.doorbell import ring_job
from curation.models import OperatingConditions, PromptVector
from curation.services.conditions import check, current, save_conditions
from curation.services.factor_states import factor_states
from curation.services.retagging import start_retag

if TYPE_CHECKING:
    _Form = forms.ModelForm[OperatingConditions]
else:
    _Form = forms.ModelForm


class TextForm(_Form):
    class Meta:
        model = OperatingConditions
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 40, "cols": 120, "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].strip = False  # type: ignore[attr-defined]  # the last line's end belongs to it

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            check(parse(read_yaml(text)))
        except WinnowError as error:
            raise forms.ValidationError(str(error)) from error
        return text


@admin.register(OperatingConditions)
class OperatingConditionsAdmin(LeanAdmin[OperatingConditions]):
    """A version never changes: saving another text brings the next version into force, and tags frames anew."""

    form = TextForm
    list_display = ("__str__", "is_in_force", "created_by", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    readonly_fields = ("states", "calibrations", "whole_spec", "created_by", "created_at")
    fields = ("text", "states", "calibrations", "whole_spec", ("created_by", "created_at"))

    def get_fields(self, request: HttpRequest, obj: OperatingConditions | None = None) -> Any:
        return self.fields if obj else ("text",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"text": current().text}

    def has_delete_permission(self, request: HttpRequest, obj: OperatingConditions | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OperatingConditions, form: Any, change: bool) -> None:
        # The row at hand stays as it is. What is saved is the next version, whichever version's page it came from.
        with transaction.atomic():
            row, is_new = save_conditions(text=form.cleaned_data["text"], user=request.user)
            if is_new:
                job = start_retag(user=request.user)
                transaction.on_commit(partial(ring_job, job.pk))
                said = f"In force now: {row}. Job {job.pk} tags all frames anew."
            else:
                said = f"This is what {row} says already, which is in force."
        obj.pk = row.pk
        self.message_user(request, said, messages.SUCCESS if is_new else messages.INFO)

    def log_addition(self, request: HttpRequest, obj: OperatingConditions, message: Any) -> Any:
        return None  # the version itself says who made it, and when

    def log_change(self, request: HttpRequest, obj: OperatingConditions, message: Any) -> Any:
        return None

    def response_add(
        self, request: HttpRequest, obj: OperatingConditions, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._to_page(obj)

    def response_change(self, request: HttpRequest, obj: OperatingConditions) -> HttpResponse:
        return self._to_page(obj)

    def _to_page(self, obj: OperatingConditions) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:curation_operatingconditions_change", args=[obj.pk]))

    @admin.display(description="in force", boolean=True)
    def is_in_force(self, row: OperatingConditions) -> bool:
        return bool(getattr(row, "is_newest", False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperatingConditions]:
        newer = OperatingConditions.objects.filter(version__gt=OuterRef("version"))
        return super().get_queryset(request).annotate(is_newest=~Exists(newer))

    @admin.display(description="factors")
    def states(self, row: OperatingConditions) -> SafeString:
        return format_html(
            "<table>{}</table>",
            format_html_join(
                "",
                "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
                ((one.factor.name, f"from {one.factor.origin}", one.state) for one in factor_states(row)),
            ),
        )

    @admin.display(description="calibration")
    def calibrations(self, row: OperatingConditions) -> SafeString:
        return pretty(row.calibration)

    @admin.display(description="spec")
    def whole_spec(self, row: OperatingConditions) -> SafeString:
        return pretty(row.spec)


@admin.register(PromptVector)
class PromptVectorAdmin(MadeByMachines[PromptVector]):
    """The numbers themselves are of no use to a reader."""

    list_display = ("id", "conditions_link", "factor", "value", "embedder")
    list_filter = ("embedder",)
    list_select_related = ("conditions", "embedder")
    search_fields = ("factor", "value")
    exclude = ("vector",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptVector]:
        return super().get_queryset(request).defer("vector", "embedder__mean", "conditions__text")

    @admin.display(description="conditions")
    def conditions_link(self, one: PromptVector) -> SafeString:
        return link(one.conditions)
