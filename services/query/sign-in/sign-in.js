// A browser does not send the session cookie when a link of another site opens Landfall. The request of this script has it:
// somebody who is signed in goes on without the form.
const { type } = await fetch(location.href, { redirect: 'manual' });
if (type === 'opaqueredirect') location.replace(location.href);
