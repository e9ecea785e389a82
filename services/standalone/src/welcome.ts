import type { RunReport } from '@landfall/contracts/run';

/** What there is to tell once it runs. */
export interface Situation {
  /** A URL. */
  address: string;
  /** How many demo objects were put in; 0 when the folder was not empty. */
  seeded: number;
  report: RunReport;
  /** The users that are served. */
  users: number;
  /** The folder of the source bucket. */
  sourceFolder: string;
}

/** The lines a person sees after the start. */
export function welcome({ address, seeded, report, users, sourceFolder }: Situation): string {
  const seeding = seeded > 0 ? [`Put ${seeded} demo files into ${sourceFolder}.`] : [];
  const rejected =
    report.rejected > 0 ? ` ${report.rejected} can't be used: ${address}/rejects says why.` : '';
  const outcome =
    report.status === 'succeeded'
      ? `Ingested ${report.listed} files from ${sourceFolder} in ${report.duration_ms} ms: ${users} users.${rejected}`
      : `The ingestion failed: ${report.error}. It is tried again; what was served before is served on.`;
  return [
    '',
    ...seeding,
    outcome,
    '',
    `Landfall serves at ${address}. Try:`,
    '',
    `  curl '${address}/stats'`,
    `  curl '${address}/data?is_image_exists=false&min_age=30&max_age=40'`,
    `  open  ${address}/docs`,
    '',
    'Put a file in, ask for a run, and see it served:',
    '',
    `  printf 'first_name, last_name, birthts\\nAda, Lovelace, -4861728000000\\n' > ${sourceFolder}/ada.csv`,
    `  curl -X POST '${address}/data'`,
    `  curl '${address}/data/ada'`,
    '',
    'Ctrl-C ends it; the next start goes on from here.',
    '',
  ].join('\n');
}
