from django.http import HttpResponse


def serve(request, *args, **kwargs):
    return HttpResponse("serve")
