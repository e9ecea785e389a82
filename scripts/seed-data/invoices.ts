import { textPdf } from './pdf.ts';
import { pick, randomFrom } from './random.ts';

const SEED = 20_260_102;
const INVOICES = 27;
const FIRST_DAY = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;

const SUPPLIERS: readonly [string, ...string[]] = [
  'Alder & Finch Stationery',
  'Bäckerei Morgentau',
  'Copper Kettle Catering',
  'Drahtwerk Sonnfeld AG',
  'Ferrin Logistics (North)',
  'Lumière Électricité',
  'Quillmark Print, Ltd.',
  'Tobler+Senn Treuhand',
];
const CURRENCIES: readonly ['CHF', 'EUR', 'USD'] = ['CHF', 'EUR', 'USD'];

/** The values of an invoice. */
interface Invoice {
  supplier: string;
  issued: string;
  total: number;
  currency: string;
  paid: boolean;
}

/** A way to write the values of an invoice. */
type Shape = (invoice: Invoice) => Record<keyof Invoice, unknown>;

/** Unusual but valid forms by number. docs/seed-data.md lists them. */
const UNUSUAL_SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [3, (invoice) => ({ ...invoice, issued: invoice.issued.replaceAll('-', '') })],
  [7, (invoice) => ({ ...invoice, paid: Number(invoice.paid) })],
  [19, (invoice) => ({ ...invoice, supplier: `  ${invoice.supplier} ` })],
]);

/** Faulty forms by number: each is a reject. docs/seed-data.md lists them. */
const FAULTY_SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [10, (invoice) => ({ ...invoice, supplier: 'N/A' })],
  [17, (invoice) => ({ ...invoice, total: invoice.total.toFixed(2) })],
  [22, (invoice) => ({ ...invoice, currency: 'Fr.' })],
]);
const usualShape: Shape = (invoice) => invoice;

/** Companions that do not exist, by number. */
const WITHOUT_SCAN = new Set([5, 12, 20]);
const WITHOUT_TEXT = new Set([8, 12]);
/** A scan without a record. */
const ORPHAN = 'documents/2026-0099/source.pdf';

/** Returns all demo invoices by key, deterministic. */
export function invoiceFiles(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const random = randomFrom(SEED);
  for (let number = 1; number <= INVOICES; number++) {
    const id = `2026-${String(number).padStart(4, '0')}`;
    const invoice: Invoice = {
      supplier: pick(random, SUPPLIERS),
      issued: new Date(FIRST_DAY + (number * 5 + Math.floor(random() * 4)) * DAY_MS)
        .toISOString()
        .slice(0, 10),
      total: Math.round(10 ** (1 + random() * 3.5)) / 4,
      currency: pick(random, CURRENCIES),
      paid: random() < 0.6,
    };
    const lines = invoiceText(id, invoice);
    const folder = `documents/${id}`;
    const shape = UNUSUAL_SHAPES.get(number) ?? FAULTY_SHAPES.get(number) ?? usualShape;
    const result = { ...shape(invoice), pages: 1 };
    files.set(`${folder}/result.json`, Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
    if (!WITHOUT_SCAN.has(number)) files.set(`${folder}/source.pdf`, textPdf(lines));
    if (!WITHOUT_TEXT.has(number)) files.set(`${folder}/extracted.txt`, Buffer.from(`${lines.join('\n')}\n`));
  }
  files.set(ORPHAN, textPdf(['Delivery note 2026-0099', 'No invoice has been issued yet.']));
  return files;
}

const invoiceText = (id: string, { supplier, issued, total, currency, paid }: Invoice): string[] => [
  supplier,
  `Invoice ${id}`,
  `Issued ${issued}`,
  `Total ${currency} ${total.toFixed(2)}`,
  paid ? 'Paid, thank you.' : 'Payable within 30 days.',
];
