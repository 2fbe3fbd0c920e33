#!/usr/bin/env bash
# What action.yml runs: `poolproof check` of STACK, its report in the job's summary and in one comment on the pull request.
# Ends with the exit code of `check`: 0 accepted, 1 rejected, 2 the input cannot be used.
set -uo pipefail

reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/poolproof-XXXXXX")
args=(check --stack "$STACK")
[ -z "${POLICY_CONFIG:-}" ] || args+=(--policy-config "$POLICY_CONFIG")

npx --no-install poolproof "${args[@]}" --format json --output "$reports/report.json"
code=$?
case $code in
  0) verdict=accepted ;;
  1) verdict=rejected ;;
  *) verdict=undecided ;;
esac
printf 'verdict=%s\nreport=%s\n' "$verdict" "$reports/report.json" >> "$GITHUB_OUTPUT"
[ "$verdict" != undecided ] || exit "$code"

# The mark begins the comment and names the stack, so that each stack has one of its own.
mark="<!-- poolproof:action:$STACK -->"
{
  printf '%s\n' "$mark"
  npx --no-install poolproof "${args[@]}" --format markdown
} > "$reports/comment.md"
cat "$reports/comment.md" >> "$GITHUB_STEP_SUMMARY"

comment() {
  local comments="repos/{owner}/{repo}/issues/$PULL_REQUEST/comments" id
  id=$(MARK=$mark gh api --paginate "$comments" \
    --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARK))) | .id' | head -n 1) || return
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/{owner}/{repo}/issues/comments/$id" --field "body=@$reports/comment.md"
  else
    gh pr comment "$PULL_REQUEST" --body-file "$reports/comment.md"
  fi
}
if [ "${COMMENT:-true}" = true ] && [ -n "${PULL_REQUEST:-}" ]; then
  comment || printf '::warning::%s\n' "poolproof cannot comment: the job needs 'pull-requests: write'. The report is in the summary."
fi
exit "$code"
