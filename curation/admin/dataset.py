"""Datasets and their versions, with the lock as an action."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, do_each, link, list_link, pretty
from curation.core.errors import WinnowError
from curation.models import Dataset, DatasetFrame, DatasetVersion, HeldFrame, HoldoutBlock, HoldoutUse
from curation.services.holdout import Foreseen, foresee, lock_version

AT_ONCE = 10


@admin.register(Dataset)
class DatasetAdmin(MadeByMachines[Dataset]):
    list_display = ("id", "name", "description", "created_at", "rows")
    search_fields = ("=id", "name")
    fields = ("name", "description", "created_at", "rows")

    @admin.display(description="has")
    def rows(self, dataset: Dataset) -> SafeString:
        return list_link(DatasetVersion, "versions", dataset=dataset.pk)


@admin.register(DatasetVersion)
class DatasetVersionAdmin(MadeByMachines[DatasetVersion]):
    list_display = ("id", "name", "frame_count", "annotation_count", "splits", "created_by", "created_at", "locked_at")
    list_filter = ("dataset", "created_at", ("locked_at", admin.EmptyFieldListFilter))
    list_select_related = ("dataset", "created_by")
    search_fields = ("=id", "=dataset__name", "=manifest_sha256")
    fields = (
        ("name", "parent_link"),
        ("frame_count", "annotation_count", "splits", "split_by", "seed"),
        "rows",
        ("manifest", "manifest_sha256"),
        "plan_text",
        "whole_plan",
        "whole_report",
        ("conditions", "code_version"),
        ("created_by", "created_at"),
        ("locked_at", "locked_by"),
        "whole_lock",
    )
    actions = ("lock",)

    def has_lock_permission(self, request: HttpRequest) -> bool:
        """Ask for a right that only the role admin has."""
        return request.user.has_perm("auth.change_user")

    @admin.action(description="Lock as a hold-out, for good", permissions=["lock"])
    def lock(self, request: HttpRequest, versions: QuerySet[DatasetVersion]) -> HttpResponse | None:
        """Show what the locks keep away, and lock once that is confirmed."""
        if "confirmed" not in request.POST:
            return TemplateResponse(request, "admin/curation/lock.html", self._foreseen(request, versions[:AT_ONCE]))
        name = request.user.get_username()
        do_each(
            self, request, versions,
            lambda version: lock_version(version, user=request.user, by_name=name, allow_uncompared=False),
            ring=lambda _: None, done="locked",
        )  # fmt: skip
        return None

    def _foreseen(self, request: HttpRequest, versions: QuerySet[DatasetVersion]) -> dict[str, Any]:
        foreseen, problems = [], []
        for version in versions:
            try:
                foreseen.append(_in_words(foresee(version)))
            except WinnowError as error:
                problems.append(str(error))
        return {
            **self.admin_site.each_context(request),
            "versions": list(versions),
            "foreseen_all": foreseen,
            "problems": problems,
            "back": reverse("admin:curation_datasetversion_changelist"),
        }

    @admin.display(description="version")
    def name(self, version: DatasetVersion) -> str:
        return str(version)

    @admin.display(description="parent")
    def parent_link(self, version: DatasetVersion) -> SafeString | str:
        return link(version.parent) if version.parent else "none"

    @admin.display(description="plan")
    def whole_plan(self, version: DatasetVersion) -> SafeString:
        return pretty(version.plan)

    @admin.display(description="report")
    def whole_report(self, version: DatasetVersion) -> SafeString:
        return pretty(version.report)

    @admin.display(description="lock")
    def whole_lock(self, version: DatasetVersion) -> SafeString:
        return pretty(version.lock)

    @admin.display(description="has")
    def rows(self, version: DatasetVersion) -> SafeString:
        models = {
            "frames": DatasetFrame, "held frames": HeldFrame, "stretches": HoldoutBlock, "uses": HoldoutUse,
        }  # fmt: skip
        links = ((list_link(model, text, version=version.pk),) for text, model in models.items())
        return format_html_join(" ", "{}", links)


@admin.register(DatasetFrame)
class DatasetFrameAdmin(MadeByMachines[DatasetFrame]):
    list_display = ("id", "version", "frame_link", "split", "group")
    list_filter = ("split",)
    list_select_related = ("version__dataset", "frame")
    search_fields = ("=frame__id", "=version__id")

    @admin.display(description="frame")
    def frame_link(self, member: DatasetFrame) -> SafeString:
        return link(member.frame, f"frame {member.frame_id}")


def _in_words(foreseen: Foreseen) -> dict[str, Any]:
    words = {reason.value: reason.label for reason in HeldFrame.Reason}
    plain = foreseen.to_dict()
    return plain | {
        "version": foreseen.version,
        "reasons": [(words[reason], count) for reason, count in foreseen.counts().items()],
        "unseen": plain["uncompared"] + plain["blind"],
    }
