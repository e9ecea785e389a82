/** The columns of output.csv, in order. */
export const OUTPUT_COLUMNS = ['user_id', 'first_name', 'last_name', 'birthts', 'img_path'] as const;
/** The columns of rejects.csv, in order. */
export const REJECT_COLUMNS = ['key', 'user_id', 'reason', 'detail', 'since', 'kept_previous'] as const;

/** The columns of a delta, in order. */
export const DELTA_COLUMNS = ['change', ...OUTPUT_COLUMNS] as const;
