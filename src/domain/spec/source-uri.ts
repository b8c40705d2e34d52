const withUser = /^((?:https?|postgres(?:ql)?):\/\/).*@/is;
const remote = /^[a-z][a-z0-9+.-]*:\/\//i;
const passwordBefore = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i;
const passwordBehind = /[?&](?:ssl)?password=/i;

/** What messages call a source: without user, password and query, where signatures stand. */
export const shownUri = (uri: string): string => {
  if (!remote.test(uri)) return uri;
  return uri.replace(/\?.*$/s, '').replace(withUser, '$1').replace(/#.*$/s, '');
};

/** Whether a source's URI holds a password, which specs and the histories of workflows would keep in plain text. */
export const holdsPassword = (uri: string): boolean =>
  remote.test(uri) && (passwordBefore.test(uri) || passwordBehind.test(uri));
