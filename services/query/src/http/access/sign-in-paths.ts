/** The page with the form, and the target of its POST. */
export const SIGN_IN_PATH = '/sign-in';
/** The target of the dashboard's POST that removes the cookies. */
export const SIGN_OUT_PATH = '/sign-out';

/** The files of the page, by the name of the file in `services/query/sign-in`. */
export const SIGN_IN_FILES = [
  { name: 'sign-in.css', type: 'text/css; charset=utf-8' },
  { name: 'sign-in.js', type: 'text/javascript; charset=utf-8' },
  { name: 'sign-in.svg', type: 'image/svg+xml' },
].map((file) => ({ ...file, path: `${SIGN_IN_PATH}/${file.name}` }));

/** All paths that a browser needs to sign in. */
export const SIGN_IN_PATHS: readonly string[] = [SIGN_IN_PATH, ...SIGN_IN_FILES.map(({ path }) => path)];
