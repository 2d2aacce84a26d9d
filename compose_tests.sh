#!/bin/sh
# Builds the image of the tests, runs them against PostgreSQL in a container, exits with their code and removes what it
# made, also when it is interrupted.
set -eu
cd "$(dirname "$0")"

project="messenger-tests-$$"
compose() {
  docker compose --project-name "$project" --file docker-compose.tests.yml "$@"
}

clean() {
  trap - EXIT INT TERM
  compose down --volumes --rmi local --remove-orphans --timeout 5
}
trap clean EXIT
trap 'clean; exit 130' INT
trap 'clean; exit 143' TERM

compose build tests
code=0
compose run --rm tests || code=$?
exit "$code"
