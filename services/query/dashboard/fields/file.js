/** @import { Companion } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
import { valueColumn } from './column.js';
import { booleanParameter, noFault } from './filter.js';
import { labelOf } from './words.js';

const IMAGE = /\.(?:png|jpe?g|webp|gif|avif|svg|bmp)$/;
const LIST = /\.\{([^{}]*,[^{}]*)\}$/;

/** Whether all files of a companion are images, by the extensions of its pattern. @type {(companion: Companion) => boolean} */
export function isImage({ files }) {
  const [, list] = LIST.exec(files) ?? [];
  return list === undefined
    ? IMAGE.test(files)
    : list.split(',').every((extension) => IMAGE.test(`.${extension}`));
}

/** The address of a row's file. @type {(id: string, companion: string) => string} */
export const fileAddress = (id, companion) => `/data/${encodeURIComponent(id)}/${companion}`;

/** A picture, or a link that is named by the file's extension. @type {(companion: Companion, key: string) => Column} */
export function fileColumn(companion, key) {
  const { name, column } = companion;
  /** @type {Pick<Column, 'label' | 'kind' | 'width'>} */
  const look = { label: labelOf(name), kind: isImage(companion) ? 'picture' : 'file', width: 4.5 };
  const own = valueColumn(column, look, () => undefined);
  return {
    ...own,
    cell: (row) => {
      const path = row[column];
      if (typeof path !== 'string') return undefined;
      const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
      return { text: extension, title: path, href: fileAddress(String(row[key]), name) };
    },
  };
}

/** @type {(companion: Companion) => Filter} */
export const fileFilter = ({ name }) => ({
  name,
  label: labelOf(name),
  control: 'switch',
  isFacet: true,
  parameter: `is_${name}_exists`,
  options: [
    { label: 'Any', value: undefined },
    { label: 'With', value: 'true' },
    { label: 'Without', value: 'false' },
  ],
  parameters: [booleanParameter(`is_${name}_exists`)],
  presence: undefined,
  fault: noFault,
});
