from django.urls import path

from berths import views

urlpatterns = [
    path("", views.listing),
    path("<int:pk>/", views.item),
    path("<int:pk>/<path:rest>", views.below),
]
