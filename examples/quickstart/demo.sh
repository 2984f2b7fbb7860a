#!/usr/bin/env bash
# The quickstart as a script: people from a file become accounts in a SCIM application, and plans name who loses access.
# Every step is checked against the accounts the application really has; the first surprise ends the script.
#
#   TERRAFORM_BIN   terraform or tofu to use (default: the first of the two on the PATH)
#   DEMO_PORT       port of the application on loopback (default 8585)
set -euo pipefail
unset CDPATH

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$here/../.." && pwd)/bin
port=${DEMO_PORT:-8585}
site=http://127.0.0.1:$port
work= server=

fail() {
	printf '\ndemo: %s\n' "$*" >&2
	exit 1
}

cleanup() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '\n=== %s\n' "$*"; }
say() { printf '%s\n' "$*"; }
indent() { sed 's/^/    /'; }

## What the demo needs

find_terraform() {
	tf=${TERRAFORM_BIN:-$(command -v terraform || command -v tofu || true)}
	[ -n "$tf" ] || fail "terraform or tofu is missing: install Terraform 1.11 or OpenTofu 1.11 or later, or name one with TERRAFORM_BIN"
	local version
	version=$("$tf" version 2>/dev/null | sed -n '1s/^[A-Za-z]* v\([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p') || true
	[ -n "$version" ] || fail "'$tf version' does not work: set TERRAFORM_BIN to a terraform or tofu binary"
	[ "${version% *}" -gt 1 ] || { [ "${version% *}" -eq 1 ] && [ "${version#* }" -ge 11 ]; } ||
		fail "$tf is version ${version/ /.}; write-only attributes need 1.11 or later"
}

build() {
	[ -x "$bin/terraform-provider-provisioning" ] || fail "the provider is not built: run 'make demo', or 'make build' first"
	if command -v go >/dev/null; then
		(cd "$here" && CGO_ENABLED=0 go build -buildvcs=false -o "$bin/" ./wikiapp/cmd/wikiapp ./cmd/planview) ||
			fail "the demo application does not build (see above)"
	fi
	if [ ! -x "$bin/wikiapp" ] || [ ! -x "$bin/planview" ]; then
		fail "go is missing: install the version go.mod asks for (https://go.dev/dl)"
	fi
}

check_port() {
	case $port in '' | *[!0-9]*) fail "DEMO_PORT must be a number, not '$port'" ;; esac
	if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
		fail "port $port is in use: stop the program that has it, or choose another one: DEMO_PORT=8686 make demo"
	fi
}

start_application() {
	WIKIAPP_TOKEN=$TF_VAR_token "$bin/wikiapp" -listen "127.0.0.1:$port" >"$work/application" 2>&1 &
	server=$!
	local tries=0
	until grep -q 'serving' "$work/application"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
			fail "the application does not start: $(cat "$work/application")"
		fi
		sleep 0.1
	done
	sed 's/^/    /' "$work/application"
}

## Terraform, with everything it says kept in a file

# tf_run STATUS ARGUMENT... runs terraform and demands an exit status.
tf_run() {
	local want=$1 command=$2 got=0
	shift 2
	say "\$ $(basename "$tf") $command $*"
	"$tf" "$command" -no-color -input=false "$@" >"$work/output" 2>&1 || got=$?
	if [ "$got" != "$want" ]; then
		cat "$work/output" >&2
		fail "'$(basename "$tf") $command $*' ended with status $got, expected $want"
	fi
}

# plan_job prints what a reviewer looks at in the text of the plan: of the job, the lines that matter here.
plan_job() {
	say "What the plan says of the job:"
	grep '^Plan:' "$work/output" | indent
	"$tf" show -no-color "$1" | awk '
		/^  # provisioning_job\.wiki/ { job = shown = 1 }
		/^      [-+~ ] [a-z_]+ +=/     { shown = /planned_|limits/ }
		/^    }$/                      { if (job) print; job = 0 }
		job && shown' | indent
}

# review PLAN OPTION... prints what a reviewer, or a pipeline, reads in the JSON of the plan, and checks it.
review() {
	local plan=$1
	shift
	say "The same from 'terraform show -json', as a pipeline checks it:"
	"$tf" show -json "$plan" | "$bin/planview" "$@" >"$work/review" ||
		{ indent <"$work/review" >&2; fail "the plan does not preview what it should"; }
	indent <"$work/review"
}

## The application

page() { curl --silent --show-error --fail --noproxy '*' "$site$1"; }

# accounts TITLE shows the accounts and demands exactly those on standard input: user name, active, family name.
accounts() {
	local want
	want=$(sort)
	say "$1"
	page / | tee "$work/accounts" | indent
	if ! diff <(printf '%s\n' "$want") <(awk 'NR > 1 && $1 ~ /@/ { print $1, $2, $3 }' "$work/accounts" | sort) >"$work/difference"; then
		cat "$work/difference" >&2
		fail "these are not the accounts there should be (< expected, > found)"
	fi
}

# writes prints what changed in the application since the last call.
seen=0
writes() {
	say "What the application was asked to change:"
	page /log >"$work/log"
	tail -n "+$((seen + 1))" "$work/log" | grep -E ' (POST|PATCH|PUT|DELETE) ' | sed -E "s#/scim/v2##; s#/[0-9a-f-]{36}#/...#" | indent || say "    nothing"
	seen=$(wc -l <"$work/log")
}

# edit FROM TO changes one text in main.tf and shows the change.
edit() {
	cp main.tf "$work/before.tf"
	awk -v from="$1" -v to="$2" 'i = index($0, from) { $0 = substr($0, 1, i - 1) to substr($0, i + length(from)) } { print }' \
		"$work/before.tf" >main.tf
	if diff "$work/before.tf" main.tf >"$work/difference"; then fail "main.tf does not contain: $1"; fi
	grep '^[<>]' "$work/difference" | sed 's/^</-/; s/^>/+/' | indent
}

find_terraform
command -v curl >/dev/null || fail "curl is missing: it shows the accounts of the application"
check_port
build

work=$(mktemp -d)
mkdir "$work/quickstart"
cp "$here/main.tf" "$here/variables.tf" "$here/people.json" "$work/quickstart/"
cd "$work/quickstart"
[ "$port" = 8585 ] || edit 127.0.0.1:8585 "127.0.0.1:$port" >/dev/null
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "app-provisioning/provisioning" = "$bin"
  }
  direct {}
}
EOF
unset TF_CLI_ARGS TF_CLI_ARGS_plan TF_CLI_ARGS_apply TF_CLI_ARGS_show TF_WORKSPACE TF_DATA_DIR TF_LOG
export TF_CLI_CONFIG_FILE=$work/cli.tfrc CHECKPOINT_DISABLE=1
export TF_VAR_token=demo-$RANDOM$RANDOM$RANDOM

step "0. An empty wiki"
say "A small SCIM 2.0 application, with a token and no accounts yet:"
start_application

step "1. From HCL to accounts"
say "12 people in people.json, 7 of them in Sales. main.tf gives Sales an account in the wiki."
tf_run 0 plan -out=first.tfplan
plan_job first.tfplan
review first.tfplan -expect disable=0,delete=0 -loses none
tf_run 0 apply first.tfplan
writes
accounts "Everybody in Sales has an account, nobody else:" <<EOF
henrik.dahl@fjord.example yes Dahl
ingrid.solberg@fjord.example yes Solberg
jonas.haugen@fjord.example yes Haugen
maja.nystrom@fjord.example yes Nyström
nora.lindqvist@fjord.example yes Lindqvist
oskar.berglund@fjord.example yes Berglund
sofie.kristiansen@fjord.example yes Kristiansen
EOF

step "2. People change, the configuration does not"
say "Tobias Fossum joins Sales, Nora Lindqvist is now Nora Ekman, Henrik Dahl leaves (accountEnabled is false)."
cp "$here/people-next-day.json" people.json
tf_run 2 plan -detailed-exitcode -out=people.tfplan
plan_job people.tfplan
review people.tfplan -expect create=1,update=1,disable=1,delete=0,failure=0 -loses henrik.dahl@fjord.example
tf_run 0 apply people.tfplan
writes
accounts "One joiner, one new name, one account switched off and not deleted:" <<EOF
henrik.dahl@fjord.example no Dahl
ingrid.solberg@fjord.example yes Solberg
jonas.haugen@fjord.example yes Haugen
maja.nystrom@fjord.example yes Nyström
nora.lindqvist@fjord.example yes Ekman
oskar.berglund@fjord.example yes Berglund
sofie.kristiansen@fjord.example yes Kristiansen
tobias.fossum@fjord.example yes Fossum
EOF
after_people=$(page /)

step "3. A narrower filter: who would lose access?"
say "From now on the wiki is for Sales in Norway:"
sales='clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]'
norway='clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }, { attribute = "country", operator = "EQUALS", value = "Norway" }]'
edit "$sales" "$norway"
tf_run 2 plan -detailed-exitcode -out=narrow.tfplan
plan_job narrow.tfplan
review narrow.tfplan -expect create=0,update=0,disable=3,delete=0,failure=0 \
	-loses maja.nystrom@fjord.example,nora.lindqvist@fjord.example,oskar.berglund@fjord.example

step "4. A mistake meets the limits"
say "Somebody writes sales in lower case. Nobody passes the filter, everybody would lose access; limits allow 5 accounts and 50 %."
edit 'value = "Sales"' 'value = "sales"'
tf_run 1 plan -out=mistake.tfplan
awk '/Error:/ { errors++ } errors == 1' "$work/output" | indent
grep -q 'max_disable is 5' "$work/output" || fail "the plan failed, but not because of the limits"
[ "$(page /)" = "$after_people" ] || fail "plans changed accounts"
say "The plan failed and no account was touched."

step "5. Within the limits"
say "The mistake is taken back; the plan of step 3, as it was reviewed, is applied:"
edit 'value = "sales"' 'value = "Sales"'
tf_run 0 apply narrow.tfplan
writes
accounts "The three accounts the plan named are switched off, and only those:" <<EOF
henrik.dahl@fjord.example no Dahl
ingrid.solberg@fjord.example yes Solberg
jonas.haugen@fjord.example yes Haugen
maja.nystrom@fjord.example no Nyström
nora.lindqvist@fjord.example no Ekman
oskar.berglund@fjord.example no Berglund
sofie.kristiansen@fjord.example yes Kristiansen
tobias.fossum@fjord.example yes Fossum
EOF

step "6. Nothing left to do"
tf_run 0 plan -detailed-exitcode
grep '^No changes' "$work/output" | indent
writes

step "Done in $SECONDS seconds. Everything above ran in a temporary directory, which is removed now."
