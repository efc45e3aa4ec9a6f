# Production image: one image, started as web (the default), worker or beat. See compose.yaml.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
RUN /venv/bin/pip install --no-deps --requirement /tmp/requirements.txt
COPY . /app
WORKDIR /app
# Settings want every value before they load; none of these reaches the image.
RUN PRO_ENV=production DEVTOOLS=false \
    SECRET_KEY=only-for-collecting-static-files-while-the-image-is-built \
    FIELD_ENCRYPTION_KEYS=b25seS13aGlsZS10aGUtaW1hZ2UtaXMtYmVpbmctISE= \
    HASH_PEPPERS=only-for-collecting-static-files-while-the-image-is-built \
    DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost/0 \
    ALLOWED_HOSTS=localhost PUBLIC_URL=http://localhost STRIPE_API_KEY=build DEFAULT_FROM_EMAIL=build@localhost \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=pro_platform.settings PRO_ENV=production
RUN useradd --system --uid 10001 --create-home app
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER app
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["gunicorn", "pro_platform.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket"]
