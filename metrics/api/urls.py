from django.urls import path

from metrics.api.views import DailyView, SummaryView

urlpatterns = [
    path("metrics/summary", SummaryView.as_view(), name="metrics-summary"),
    path("metrics/daily", DailyView.as_view(), name="metrics-daily"),
]
