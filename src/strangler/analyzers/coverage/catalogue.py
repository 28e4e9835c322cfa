"""Libraries that bring what a boundary rests on (, tables, stores, tasks, channels), by import name.

A row says what is missing from the model where the library is used and no analyser reads it. An analyser
that learns a library names it in its ``packages``; nothing is to be changed here.
"""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """What a library brings."""

    kind: str
    """The sort of library, as people call it."""
    brings: str
    """What the model lacks where it is not read, in the plural."""
    weakens: tuple[str, ...]
    """Rows of the model that are less complete: endpoints, tables, accesses, tasks, calls."""


_KINDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "web framework": (
        "routes",
        ("endpoints",),
        """aiohttp_apispec aiohttp_cors allauth apiflask baize blacksheep bobo bottle cadwyn chalice cherrypy
        cms connexion cornice dash dj_rest_auth djoser drf_generators dynamic_rest emmett esmerald
        eve falcon fastapi_crudrouter fastapi_users fastapi_utils fasthtml flama flask_admin
        flask_api flask_appbuilder flask_classful flask_classy flask_jsonrpc flask_openapi3
        flask_potion flask_rebar flask_restful flask_restplus flask_restx flask_resty
        flask_smorest gluon gradio growler hug klein litestar masonite mezzanine microdot molten
        morepath muffin nicegui ninja ninja_extra oauth2_provider odoo openerp oscar pecan
        piccolo_api Products py4web pylons pyramid_handlers quart quart_schema ravel reflex
        responder rest_framework_mongoengine robyn sanic sanic_ext sanic_openapi shiny spectree
        spyne sqladmin starlette_admin starlite streamlit tastypie tg tgext tornado turbogears
        twisted wagtail web webapp2 weppy wheezy OFS Zope2 zope.app zope.browserpage zope.publisher
        zope.traversing""",
    ),
    "web extension": (
        "own pages",
        ("endpoints",),
        """bootstrap_flask flasgger flask_apispec flask_autodoc flask_blogging
        flask_bootstrap flask_ckeditor flask_collect flask_dance flask_debugtoolbar flask_file_upload
        flask_githubapp flask_googlelogin flask_graphql flask_healthz flask_jwt flask_monitoringdashboard
        flask_multipass flask_oidc flask_profiler flask_saml2 flask_security
        flask_simplelogin flask_sitemap flask_social flask_swagger_ui flask_uploads flask_user
        healthcheck prometheus_fastapi_instrumentator prometheus_flask_exporter rq_dashboard
        starlette_exporter""",
    ),
    "serverless framework": (
        "routes and event handlers",
        ("endpoints", "tasks"),
        """apig_wsgi aws_lambda_powertools azure.functions chalicelib functions_framework goblet
        lambda_handlers mangum modal serverless_wsgi zappa""",
    ),
    "RPC framework": (
        "operations",
        ("endpoints", "calls"),
        """aiohttp_json_rpc betterproto connectrpc fastapi_jsonrpc fastmcp grpc grpc_tools grpclib jsonrpc
        jsonrpcbase jsonrpcserver ladon mcp modernrpc nameko oslo_messaging purerpc
        pyramid_rpc Pyro4 Pyro5 rpyc spyne thrift thriftpy thriftpy2 tinyrpc xmlrpc.server zerorpc""",
    ),
    "GraphQL library": (
        "operations",
        ("endpoints",),
        """ariadne ariadne_django graphene graphene_django graphene_mongo graphene_pydantic
        graphene_sqlalchemy graphql hiku strawberry strawberry_django tartiflette turms""",
    ),
    "WebSocket or event library": (
        "connections and events",
        ("endpoints",),
        """aiohttp_sse autobahn broadcaster channels django_eventstream django_socketio engineio
        fastapi_socketio fastapi_websocket_pubsub flask_sock flask_socketio flask_sockets socketio
        sockjs sockjs_tornado sse_starlette swampdragon tornadis websockets wsproto""",
    ),
    "object-relational mapper": (
        "tables, keys and accesses",
        ("tables", "accesses"),
        """advanced_alchemy aldjemy autumn BTrees databases dataset dbf dejavu durus edgy elixir gino
        masonite_orm masoniteorm mayim orator orm ormar peewee peewee_aio peewee_async persistent
        piccolo pony prisma pyairtable pydal pypika relstorage saffier sqlalchemy_continuum
        sqlbuilder sqlobject sqlservice storm tinydb tortoise zodb ZODB""",
    ),
    "database driver": (
        "accesses in SQL",
        ("accesses",),
        """_mssql adbc_driver_postgresql aiochclient aiomysql aioodbc aiopg aiosqlite apsw asynch asyncmy
        asyncpg clickhouse_connect clickhouse_driver connectorx crate cx_Oracle cymysql duckdb fdb
        firebirdsql google.cloud.bigquery google.cloud.spanner hdbcli ibm_db ibm_db_dbi impala
        jaydebeapi kinterbasdb libsql mariadb monetdb mysql MySQLdb mysqlx oracledb oursql pg8000
        pgdb phoenixdb postgresql prestodb psycopg psycopg2 psycopg2cffi pygresql pyhive pymssql
        pymysql pyodbc pysqlcipher3 redshift_connector rqlite snowflake sqlanydb sqlcipher3
        sqlite3 teradatasql trino turbodbc vertica_python""",
    ),
    "document store": (
        "collections and accesses",
        ("tables", "accesses"),
        """acouchbase aioarango aiocouch arango azure.cosmos beanie bunnet cloudant couchbase couchdb
        couchdbkit djongo fauna faunadb firebase_admin flask_mongoengine flask_pymongo
        google.appengine google.cloud.datastore google.cloud.firestore google.cloud.ndb marklogic
        ming mongoengine mongokit mongothon motor odmantic pymodm pymongo pyravendb pyrebase
        ravendb rethinkdb surrealdb umongo""",
    ),
    "wide-column or key-value store": (
        "keys and accesses",
        ("tables", "accesses"),
        """aerospike aiocache aiocassandra aiomcache aioredis bmemcached cachelib cassandra consul coredis
        cqlengine dbm diskcache django_redis dynamorm etcd etcd3 flask_redis foundationdb
        google.cloud.bigtable happybase hazelcast hot_redis kazoo leveldb lmdb memcache plyvel
        pyignite pylibmc pymemcache pynamodb redis redis_om riak rocksdb rom scyllapy shelve
        txredisapi upstash_redis valkey walrus""",
    ),
    "search index": (
        "indices and accesses",
        ("tables", "accesses"),
        """algoliasearch algoliasearch_django azure.search chromadb django_elasticsearch_dsl
        django_opensearch_dsl elasticsearch elasticsearch7 elasticsearch8 elasticsearch_async
        elasticsearch_dsl haystack lancedb marqo meilisearch meilisearch_python_sdk opensearch_dsl
        opensearchpy pinecone pymilvus pysolr qdrant_client scorched solr sphinxapi sunburnt
        typesense vespa weaviate whoosh xapian""",
    ),
    "graph or time-series store": (
        "labels, series and accesses",
        ("tables", "accesses"),
        """bulbs dgraph falkordb gqlalchemy gremlin_python influxdb influxdb_client influxdb_client_3 iotdb
        kairosdb nebula3 neo4j neomodel opentsdb py2neo pydgraph pyorient questdb rdflib
        redisgraph SPARQLWrapper taos tdengine""",
    ),
    "object or file store": (
        "buckets, files and accesses",
        ("tables", "accesses"),
        """adlfs aiofiles aioftp asyncssh azure.storage b2sdk boxsdk cloudpathlib cloudstorage dropbox fsspec
        ftplib gcsfs google.cloud.storage hdfs keystoneauth1 libcloud minio obstore oss2 paramiko
        pyarrow.fs pyfilesystem pysftp qiniu s3fs smart_open smbclient smbprotocol storages
        swiftclient webdav3""",
    ),
    "message broker client": (
        "channels",
        ("calls", "tasks"),
        """aio_pika aiokafka aiomqtt aiormq aiosqs amqp amqpstorm amqtt ansq asyncio_mqtt azure.eventhub
        azure.servicebus beanstalkc bytewax confluent_kafka disque eventhubs eventsourcing fedmsg
        fedora_messaging
        faststream faust gmqtt gnsq google.cloud.pubsub google.cloud.pubsub_v1 greenstalk haigha
        hbmqtt iron_mq kafka kombu librabbitmq lightbus nats nats_py nsq paho pika propan proton
        puka pulsar pykafka pymqi pynsq pystalk pyzmq qpid quixstreams rabbitpy sqs_listener stomp
        stompest zmq""",
    ),
    "task queue": (
        "tasks",
        ("tasks",),
        """apscheduler arq azure.batch background_task celery celery_once dbos django_apscheduler
        django_celery_beat django_cron django_crontab django_dramatiq django_q django_q2 django_rq
        django_tasks dramatiq flask_apscheduler flask_rq flask_rq2 funboost gearman
        google.cloud.scheduler google.cloud.tasks hatchet hatchet_sdk huey inngest kronos kuyruk
        mrq pgqueuer pq procrastinate pyres python_gearman qless rearq redbeat repid restate
        rocketry rq rq_scheduler saq schedule simpleflow spinach streaq taskiq tasktiger wakaq""",
    ),
    "workflow engine": (
        "tasks and their order",
        ("tasks",),
        """airflow apache_beam beam cadence camunda camunda_external_task conductor couler covalent dagster
        django_fsm_flow django_viewflow doit flytekit hera kedro kfp luigi metaflow orkes parsl
        ploomber prefect pyflink pyspark pyzeebe ray redun snakemake spiffworkflow SpiffWorkflow
        stepfunctions streamz taskflow temporalio viewflow wmill zeebe zenml""",
    ),
    "cloud SDK": (
        "buckets, tables and queues",
        ("tables", "accesses", "calls"),
        """aioboto3 aiobotocore alibabacloud azure boto boto3 botocore google.cloud googleapiclient ibm_boto3
        oci tencentcloud""",
    ),
    "client of other services": (
        "calls to other services",
        ("calls",),
        """aiogram aiohttp aiosmtplib anthropic atlassian braintree bugzilla consulate discord github
        gitlab gql grequests http.client httplib httplib2 httpx hubspot imaplib jenkins jira
        jsonrpcclient keycloak koji kubernetes ldap ldap3
        mailchimp3 mailgun niquests openai paypalrestsdk poplib postmarker pycurl
        python_graphql_client requests requests_futures requests_oauthlib salesforce sendgrid
        sgqlc shopify simple_salesforce slack_sdk slackclient smtpapi smtplib stripe suds telegram
        tornado.httpclient treq twilio uplink urllib.request urllib2 urllib3 xmlrpc.client xmlrpclib zeep
        zendesk""",
    ),
}
"""Kind -> what it brings, what is less complete, import names."""

CATALOGUE: dict[str, Known] = {
    name: Known(kind, brings, weakens)
    for kind, (brings, weakens, names) in _KINDS.items()
    for name in names.split()
}
"""Import name (top-level, or dotted where the top-level name is a namespace) -> what the library brings."""

_INERT = """
    HTMLParser PIL a2wsgi asgi_correlation_id bugsnag cheroot elasticapm
    fastapi_limiter fastapi_pagination flask_argon2 flask_assets flask_babelex flask_babelplus
    flask_bcrypt flask_breadcrumbs flask_cache flask_cli flask_compress flask_gravatar
    flask_htmlmin flask_httpauth flask_jwt_extended flask_kvsession flask_log_request_id flask_mail
    flask_mailman flask_markdown flask_marshmallow flask_menu flask_migrate flask_minify flask_moment
    flask_nav flask_paginate flask_principal flask_pydantic flask_seasurf flask_session
    flask_sslify flask_static_digest flask_themer flask_themes2 hypercorn nplusone raven rollbar
    scout_apm secure slowapi starlette_context uvicorn waitress
    Queue UserDict admin_auto_filters anyio arrow asgiref attr attrs babel
    backoff beartype bleach bootstrap4 bs4 cached_property cachetools cattr cattrs cerberus
    colander colorama corsheaders coverage crispy_bootstrap5 crispy_forms cryptography csp
    cython dataclasses_json dateutil ddtrace decorator deform dependency_injector deprecated
    deprecation diff_match_patch django_extensions django_filters django_tables2 docker docutils
    drf_spectacular drf_yasg eventlet factory faker feedgen flask_babel flask_caching flask_cors
    flask_limiter flask_talisman flask_wtf formtools freezegun future gevent greenlet gunicorn
    hatchling hypothesis imagekit injector itsdangerous jsonschema jwt keras lagom limits loguru
    lxml markdown markupsafe marshmallow_dataclass marshmallow_oneofschema mistune mock
    model_bakery msgspec mypy_extensions netaddr newrelic nose numba numpy openpyxl
    opentelemetry orjson pandas parameterized passlib past pendulum phonenumber_field
    phonenumbers prometheus_client prompt_toolkit punq pydantic pydantic_settings pygments
    pylint pyramid_beaker pyramid_chameleon pyramid_exclog pyramid_jinja2 pyramid_mailer pyramid_mako
    pyramid_retry pyramid_services pyramid_tm pyramid_zodbconn
    pytest pytz reportlab responses rest_flex_fields retry retrying rich schema scipy
    sentry_sdk serpy setuptools simplejson six sklearn sphinx statsd structlog svgwrite tenacity
    tensorflow testtools toml tomli torch tqdm trio typeguard typing_extensions ujson uvloop
    voluptuous weasyprint webargs wheel whitenoise wrapt wtforms wtforms_sqlalchemy xlsxwriter
    yaml zope
"""
INERT = frozenset(_INERT.split())
"""Libraries whose decorators and base classes register nothing that a boundary rests on."""
