import { spawnSync } from 'node:child_process';

/**
 * Asks the registry for known advisories about the packages that run in production. For releases. Exits with 1 when there are some, and
 * with 0 and a clear line when the registry does not answer audits, as some mirrors do not.
 */
const command = ['--yes', 'pnpm@12.21.0', 'audit', '--prod', '--json'];
const { stdout, stderr, status } = spawnSync('npx', command, { encoding: 'utf8' });

const report = readReport(stdout);
if (report) {
  const found = Object.values(report.advisories);
  for (const { module_name, severity, title, url } of found) {
    console.error(`${module_name} (${severity}): ${title}. ${url}`);
  }
  console.log(`Known advisories about the packages of production: ${found.length}.`);
  if (found.length > 0) process.exitCode = 1;
} else if (/ERR_PNPM_AUDIT_|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(stderr + stdout)) {
  console.log(
    'NOT CHECKED: the registry does not answer audits. Check the release on a machine whose registry does.',
  );
} else {
  console.error(`pnpm audit failed with ${status}:\n${stderr}${stdout}`);
  process.exitCode = 1;
}

interface Report {
  advisories: Record<string, { module_name: string; severity: string; title: string; url: string }>;
}

/** @returns undefined when the text is not a report */
function readReport(text: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isReport(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'advisories' in value;
}
