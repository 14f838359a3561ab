"""Suspect labels and what people said of them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, do_each, link, pretty
from evaluation.models import LabelReview
from evaluation.services.label_reviews import decide_review


@admin.register(LabelReview)
class LabelReviewAdmin(MadeByMachines[LabelReview]):
    """Most suspect first. What is decided here is what `manage.py reviews decide` and the API decide."""

    ordering = ("-suspicion",)
    actions = ("say_right", "say_wrong", "open_again")
    list_display = ("id", "kind", "label", "suspicion_shown", "state", "frame_link", "decided_by", "opened_at")
    list_filter = ("state", "kind", "opened_at")
    list_select_related = ("frame", "decided_by")
    search_fields = ("=frame__id", "=label")
    fields = (
        ("kind", "label"), "box", "suspicion_shown", "why", "state", "note", "frame_link", "test_run",
        ("opened_by", "opened_at"), ("decided_by", "decided_at"),
    )  # fmt: skip

    @admin.display(description="suspicion", ordering="suspicion")
    def suspicion_shown(self, review: LabelReview) -> str:
        return f"{review.suspicion:.2f}"

    @admin.display(description="x1, y1, x2, y2")
    def box(self, review: LabelReview) -> str:
        return ", ".join(f"{side:g}" for side in (review.x1, review.y1, review.x2, review.y2))

    @admin.display(description="reasons")
    def why(self, review: LabelReview) -> SafeString:
        return pretty(review.reasons)

    @admin.display(description="frame")
    def frame_link(self, review: LabelReview) -> SafeString:
        return link(review.frame)

    @admin.action(description="The label is right: tests count it", permissions=["decide"])
    def say_right(self, request: HttpRequest, reviews: QuerySet[LabelReview]) -> None:
        self._decide(request, reviews, LabelReview.State.RIGHT)

    @admin.action(description="The label is wrong: tests leave it out", permissions=["decide"])
    def say_wrong(self, request: HttpRequest, reviews: QuerySet[LabelReview]) -> None:
        self._decide(request, reviews, LabelReview.State.WRONG)

    @admin.action(description="Open again", permissions=["decide"])
    def open_again(self, request: HttpRequest, reviews: QuerySet[LabelReview]) -> None:
        self._decide(request, reviews, LabelReview.State.OPEN)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("evaluation.change_labelreview")

    def _decide(self, request: HttpRequest, reviews: QuerySet[LabelReview], state: str) -> None:
        def decide(review: LabelReview) -> LabelReview:
            return decide_review(review=review, state=state, user=request.user)

        do_each(self, request, reviews, decide, ring=_no_bell, done="decided")


def _no_bell(number: int) -> None:
    """Nothing follows from a decision but what tests find."""
