from django.urls import path, re_path

from berths import views

urlpatterns = [
    path("", views.index, name="berths"),
    path("<int:pk>/", views.show, name="berth"),
    path("<slug:slug>/edit/", views.edit),
    re_path(r"^(?P<code>[A-Z]{2}\d{3})$", views.by_code),
]
