"""The URL configuration of the site: pages, workshop, API, health checks and admin."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from stemobs.http import health
from stemobs.http.security_txt import send_security_txt
from stemobs.pages.media import send_picture

urlpatterns = [
    path("", include("stemobs.pages.urls")),
    path("", include("stemobs.workshop.urls")),
    path(settings.API_PATH, include("stemobs.api.urls")),
    re_path(
        "^api/?$",
        require_safe(RedirectView.as_view(pattern_name="api-root", query_string=True)),
        name="api",
    ),
    path(
        "favicon.ico",
        require_safe(RedirectView.as_view(url=f"{settings.STATIC_URL}mark.svg")),
        name="icon",
    ),
    path("health/live", health.report_liveness, name="health-live"),
    path("health/ready", health.report_readiness, name="health-ready"),
    path(".well-known/security.txt", send_security_txt, name="security-txt"),
    path("admin/", admin.site.urls),
    *static(settings.MEDIA_URL, view=send_picture, document_root=settings.MEDIA_ROOT),
]

handler400 = "stemobs.http.errors.handle_bad_request"
handler403 = "stemobs.http.errors.handle_permission_denied"
handler404 = "stemobs.http.errors.handle_not_found"
handler500 = "stemobs.http.errors.handle_server_error"
