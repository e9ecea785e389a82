/** The values of a record. */
export interface Person {
  first: string;
  last: string;
  /** Ms since 1970 UTC. */
  birthts: number;
}

/** A way to write a record. */
type Shape = (person: Person) => string;

const HEADER = 'first_name, last_name, birthts';
const row = ({ first, last, birthts }: Person) => `${first}, ${last}, ${birthts}`;
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** The usual form: a blank after each comma. */
export const usualShape: Shape = (person) => `${HEADER}\n${row(person)}\n`;

/** Unusual but valid forms by id. docs/seed-data.md lists them. */
export const UNUSUAL_SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['1007', (person) => `\ufeff${usualShape(person)}`],
  ['1019', (person) => usualShape(person).replaceAll('\n', '\r\n')],
  ['1031', ({ first, last, birthts }) => `${HEADER}\n${first}, ${quoted(`${last}, Jr.`)}, ${birthts}\n`],
  ['1043', ({ first, last, birthts }) => `${HEADER}\n${quoted(`${first} "Zaza"`)}, ${last}, ${birthts}\n`],
  ['1055', ({ first, last, birthts }) => `birthts, last_name, first_name\n${birthts}, ${last}, ${first}\n`],
  ['1067', (person) => `${HEADER}, city\n${row(person)}, Lyon\n`],
  ['1079', ({ first, last, birthts }) => `${HEADER}\n${first} ,\t${last}\t,  ${birthts} \n`],
  ['1091', ({ first, last, birthts }) => `first_name,last_name,birthts\n${first},${last},${birthts}\n`],
  ['1103', (person) => `${usualShape(person)}\n\n`],
]);
