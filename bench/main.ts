import fs from 'node:fs';

/** `pnpm bench <command> [options]`: each command is a file in `commands/`. */
const [name = '', ...args] = process.argv.slice(2);
const folder = new URL('./commands/', import.meta.url);
const names = fs.readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
if (names.includes(name)) {
  const { run }: { run: (args: string[]) => Promise<void> } = await import(
    new URL(`${name}.ts`, folder).href
  );
  await run(args);
} else {
  console.error(`pnpm bench ${names.join('|')} [options]`);
  process.exitCode = 2;
}
