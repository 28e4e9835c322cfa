from django.http import HttpResponse


def export(request, *args, **kwargs):
    return HttpResponse("export")


def raw(request, *args, **kwargs):
    return HttpResponse("raw")


def harbour(request, *args, **kwargs):
    return HttpResponse("harbour")


def notice(request, *args, **kwargs):
    return HttpResponse("notice")


def anything(request, *args, **kwargs):
    return HttpResponse("anything")
