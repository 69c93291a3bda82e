# One image for web, workers, schedule, consumer and sandbox; what runs is said in docker-compose.yml.
FROM python:3.11-slim

# libodbc2 (with libltdl7) and Kerberos: the driver manager that SQL Server's driver is loaded by.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libodbc2 libgssapi-krb5-2 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 console && useradd --uid 10001 --gid console --no-create-home --shell /usr/sbin/nologin console

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    AUTOPAY_VAR=/srv/autopay AUTOPAY_DATA=/data
WORKDIR /app

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# Static files are hashed and compressed into the image. The keys are thrown away with this layer's environment.
RUN mkdir -p /srv/autopay /data /state \
    && SECRET_KEY=only-for-building FIELD_KEYS=only-for-building DATABASE_URL=sqlite:////tmp/none \
       python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q autopay_console companies payments integration \
    && chown -R console:console /data /state

USER console
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "autopay_console.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--timeout", "60", "--graceful-timeout", "30", "--max-requests", "5000", "--max-requests-jitter", "500", \
     "--worker-tmp-dir", "/dev/shm"]
