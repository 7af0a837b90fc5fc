"""Addresses of what those who work on the site look at."""

from django.urls import path

from stemobs.workshop import gallery

urlpatterns = [path("about/components/", gallery.show_components, name="components")]
