import { DRILLS } from "./reliability/drillNames";

/** What `npm run stress -- --help` prints. */
export const HELP = `npm run stress -- STACK: does a stack's connection pool survive its declared peak?

Runs the auth service with the settings that Pulumi would deploy, against a real PostgreSQL on this machine.

  --duration 30s         steady load that is measured (default: 30s; 15s with --smoke)
  --rate N               requests/s over all of the stack's tasks (default: the declared peak)
  --hold-ms N            mean time a connection is held (default: as declared)
  --seed N               another sequence of arrivals and holds (default: 1)
  --scale 1/4            share of the stack's tasks to run, under the same load each (default: what this machine carries)
  --pool-max N           another pool size than the stack's
  --pools 8,11,14        pools to measure beside it (default: below, at and above the floor; none)
  --find-limit           search the pool size at which logins break
  --smoke                the short drill for every change: under two minutes
  --drill NAME           a reliability drill: ${DRILLS.join(", ")} or all
  --even-if-rejected     run a stack that the policies reject
  --database-url URL     an empty PostgreSQL of your own, as a superuser; ?sslrootcert=FILE verifies it
  --database-port PORT   port of the lab's own database (default: a free one)
  --emit k6              print the same load as a k6 script, and run nothing

  --format FORMAT        text, json or junit (default: text)
  --output FILE          write the report there instead of to stdout
  --html FILE            write a page with pictures too
  --trace FILE           write the run's metrics for \`npm run replay\`
  --update-baseline      keep this run's ratios as the ones to compare with

Exit codes: 0 logins hold, 1 they do not (or the run is void), 2 the input cannot be used.`;
