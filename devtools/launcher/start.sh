# Finds a Python that is new enough and hands over to the bootstrap. Run by bin/run and bin/test from the repository root.
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$python" -m devtools.launcher.bootstrap "$@"
    fi
done
echo "PRO Platform needs Python 3.11 or newer and found none; on Debian or Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
