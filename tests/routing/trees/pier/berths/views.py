from django.http import HttpResponse


def index(request, *args, **kwargs):
    return HttpResponse("index")


def show(request, *args, **kwargs):
    return HttpResponse("show")


def edit(request, *args, **kwargs):
    return HttpResponse("edit")


def by_code(request, *args, **kwargs):
    return HttpResponse("by_code")


def listing(request, *args, **kwargs):
    return HttpResponse("listing")


def item(request, *args, **kwargs):
    return HttpResponse("item")


def below(request, *args, **kwargs):
    return HttpResponse("below")
