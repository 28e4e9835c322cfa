from django.urls import include, path
from reports import views as reports

urlpatterns = [
    path("berths/", include("berths.api")),
    path("<slug:kind>/<int:pk>/", reports.anything),
]
