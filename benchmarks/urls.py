"""The site's URLs, and those of the reference views under /bench/."""

from django.urls import include, path

from benchmarks import reference
from stemobs.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path(
        "bench/",
        include(
            [
                path("empty/", reference.empty),
                path("page/", reference.page),
                path("sql/", reference.sql),
                path("drf/", reference.PlainList.as_view()),
            ]
        ),
    ),
    *urlpatterns,
]
