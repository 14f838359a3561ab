"""Numbers from outside."""

import math
from typing import Any

from rest_framework import serializers


class FiniteFloat(serializers.FloatField):
    """A float that is a number: DRF's field takes "nan" and "inf" for one."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value
