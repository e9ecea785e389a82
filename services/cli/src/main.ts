import { readDefinition } from '@landfall/contracts/definition/read-definition';
import { exitWithError } from '@landfall/process/exit-with-error';
import { checkFolder } from './check-folder.ts';
import { checkReport } from './check-report.ts';
import { describeFolder, describeReport } from './describe-folder.ts';
import { newToken } from './new-token.ts';
import { UsageError } from './usage-error.ts';

const USAGE = [
  'usage: landfall check FILE FOLDER     check a data set definition and a folder of files, without serving them',
  '       landfall describe FOLDER       print a first definition for the files of a folder',
  '       landfall token NAME SCOPE      make a token for the API; SCOPE is read, run or force',
  'exit codes: 0; 1 when check rejects a file or finds no row; 78 when the definition, the folder or an argument is faulty',
];

/** `landfall`: tools for people who write a data set definition or run the service. */
try {
  const [command, ...operands] = process.argv.slice(2);
  const [first, second, ...more] = operands;
  const isHelp = (argument: string | undefined) => argument === '--help' || argument === '-h';
  if (isHelp(command) || (['check', 'describe', 'token'].includes(command ?? '') && isHelp(first))) {
    process.stdout.write(`${USAGE.join('\n')}\n`);
  } else if (command === 'check' && first && second && more.length === 0) {
    const result = await checkFolder(readDefinition(first), second, Date.now());
    process.stdout.write(checkReport(result));
    process.exitCode = result.rejects.length > 0 || result.rows === 0 ? 1 : 0;
  } else if (command === 'describe' && first && second === undefined) {
    const described = await describeFolder(first);
    process.stdout.write(`${JSON.stringify(described.description, null, 2)}\n`);
    process.stderr.write(describeReport(described));
  } else if (command === 'token' && first && second && more.length === 0) {
    process.stdout.write(newToken(first, second));
  } else {
    throw new UsageError(USAGE.join('\n'));
  }
} catch (error) {
  exitWithError(error);
}
