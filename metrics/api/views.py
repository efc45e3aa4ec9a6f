from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.authentication import caller_of
from core.api.views import ApiView
from merchants.models import Merchant
from metrics.api.serializers import DailyOut, PeriodQuery, SummaryOut, daily_body, summary_body
from metrics.rules import local_date
from metrics.selectors import Summary, metric_summary


class _NumbersView(ApiView):
    required_scopes: ClassVar[dict[str, str]] = {"GET": "metrics:read"}

    def allowed_query_parameters(self) -> set[str]:
        return set(PeriodQuery().fields)

    def summary(self, request: Request) -> Summary:
        query = PeriodQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        merchant_id = caller_of(request).merchant_id
        zone = Merchant.objects.values_list("time_zone", flat=True).get(id=merchant_id)
        return metric_summary(
            merchant_id=merchant_id,
            period=query.period(local_date(clock.now(), zone)),
            currency=query.validated_data.get("currency"),
            channel=query.validated_data.get("channel"),
        )


class SummaryView(_NumbersView):
    @extend_schema(
        operation_id="metrics_summary",
        summary="Read the numbers of a period",
        tags=["Metrics"],
        parameters=[PeriodQuery],
        responses={200: SummaryOut},
    )
    def get(self, request: Request) -> Response:
        """The post-purchase metrics of a period beside the period before, with benchmark bands."""
        return Response(SummaryOut(summary_body(self.summary(request))).data)


class DailyView(_NumbersView):
    @extend_schema(
        operation_id="metrics_daily",
        summary="Read the numbers day by day",
        tags=["Metrics"],
        parameters=[PeriodQuery],
        responses={200: DailyOut},
    )
    def get(self, request: Request) -> Response:
        """The additive figures of each day of a period. Rates of a longer span are made of sums, not of daily rates."""
        return Response(DailyOut(daily_body(self.summary(request))).data)
