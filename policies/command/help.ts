export const COMMANDS = ["check", "analyze", "explain", "init"] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What `poolproof --help` prints. */
export const HELP = `poolproof: are a stack's database connection pools safe to deploy?

  poolproof check --stack STACK     judge the stack's plan, without a Pulumi engine or credentials
  poolproof analyze --state FILE    judge what is deployed, from a \`pulumi stack export\`
  poolproof explain --stack STACK   draw each pool's safe window, and say what opens an empty one
  poolproof init --stack STACK      write a policy config to begin with, from what the stack's plan shows

  poolproof COMMAND --help          the options of a command
  poolproof --version               the version

Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`;

const PROJECT = `  --stack STACK          the stack; may also be given as an argument
  --cwd DIR              folder of the Pulumi project (default: here, or the nearest one above)
  -c, --config KEY=VALUE set a config value for this run only; may be repeated`;

const REPORT = `  --base STATE           \`pulumi stack export\` of the stack as it is deployed now: lets the rules judge the change too
  --policy-config FILE   levels and settings, as for \`pulumi preview --policy-pack-config\`
  --format FORMAT        text, json, sarif, junit or markdown (default: text)
  --output FILE          write the report there instead of to stdout`;

/** What `poolproof COMMAND --help` prints. */
export const COMMAND_HELP: { readonly [command in CommandName]: string } = {
  check: `poolproof check --stack STACK: judge the stack's plan, without a Pulumi engine or credentials

${PROJECT}
${REPORT}

Runs the program in this process, with its own @pulumi/pulumi, as for a first preview.
Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`,

  analyze: `poolproof analyze --state FILE: judge what is deployed, from a \`pulumi stack export\`

  --state FILE           the export; - reads stdin: \`pulumi stack export | poolproof analyze --state -\`
  --stack STACK          what to call the stack in the report (default: as in the export)
${REPORT}

Secrets that the export keeps encrypted are undecided; \`pulumi stack export --show-secrets\` writes them in clear,
and no report shows them.
Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`,

  explain: `poolproof explain --stack STACK: draw each pool's safe window, and say what opens an empty one

${PROJECT}
  --state FILE           explain a \`pulumi stack export\` instead of a program; - reads stdin
  --policy-config FILE   settings, as for \`pulumi preview --policy-pack-config\`
  --format text|json     the drawing, or its numbers (default: text)
  --output FILE          write it there instead of to stdout
  --svg FILE             write the windows as a picture too

It explains and does not judge: a stack that \`check\` rejects is explained like any other.
Exit codes: 0 explained, 2 the input cannot be used.`,

  init: `poolproof init --stack STACK: write a policy config to begin with, from what the stack's plan shows

${PROJECT}
  --state FILE           read a \`pulumi stack export\` instead of a program; - reads stdin. For programs in other
                         languages, and those that \`check\` cannot run
  --output FILE          the policy config (default: poolproof.json, here)
  --force                write over a file that is there

Rules that find nothing keep their level, so they are a gate from now on; those that find something only warn until it
is mended. What was found, what is assumed and what only people can fill in is printed, and stands in the file as well.
Exit codes: 0 written, 2 the input cannot be used.`,
};
