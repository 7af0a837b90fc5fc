"""The URL of the gallery of components, a page for developers."""

from django.urls import path

from stemobs.workshop import gallery

urlpatterns = [path("about/components/", gallery.show_components, name="components")]
