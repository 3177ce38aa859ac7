// The log-in page. It keeps nothing: a credential from a link lives in this page's memory until it was used.

const element = (id) => document.getElementById(id);
const form = element('form');
const code = element('code');
const name = element('name');
const submit = element('submit');
const retry = element('retry');

const REQUEST_TIMEOUT_MS = 20_000;
const CREDENTIAL_CHARACTERS_MAX = 128;
const UNREACHABLE = { status: 0, code: 'unreachable', retryAfterSeconds: 0 };

/** The part of an invite link; the code field is not asked then. */
let linkedInvite;
let isBusy = false;
let countdown;

/** Asks who is signed in, and goes on or lets the person log in with what the link brought. */
async function begin(credential) {
  show('working', 'One moment');
  const session = await ask('GET', '/auth/session');
  if (session.status === 200) return goOn();
  if (session.status === 0) return offerRetry(session, () => begin(credential));
  if (credential?.link !== undefined) return useLoginLink(credential.link);
  return askPerson(credential?.invite);
}

async function useLoginLink(loginLink) {
  show('working', 'Logging you in');
  const answer = await ask('POST', '/auth/login', { loginLink });
  if (answer.status === 200) return goOn();
  if (answer.code !== 'login-failed') return offerRetry(answer, () => useLoginLink(loginLink));
  askPerson();
  return fail(answer, 'This log-in link did not work: each works once and for a short time. Ask for a new one.');
}

function askPerson(invite) {
  linkedInvite = invite;
  const isLinked = invite !== undefined;
  element('title').textContent = isLinked ? 'Welcome' : 'Log in';
  element('lead').textContent = isLinked
    ? 'You have been invited. Choose a name, or go on without one.'
    : 'Enter your invite code to go on.';
  element('code-field').hidden = isLinked;
  element('other-code').hidden = !isLinked;
  show('form');
  relabel(submit, isLinked ? 'Accept the invitation' : 'Log in');
  (isLinked ? name : code).focus();
}

async function logIn(event) {
  event.preventDefault();
  if (isBusy || submit.getAttribute('aria-disabled') === 'true') return;
  const body = enteredCredential();
  if (body === undefined) return refuseCode('Enter your invite code.');

  setBusy(true);
  const answer = await ask('POST', '/auth/login', body);
  if (answer.status === 200) return goOn();
  setBusy(false);
  return explain(answer);
}

/** What the form holds, as the body of a log-in. A whole link in the code's field is taken for what it carries. */
function enteredCredential() {
  const text = code.value.trim();
  const pasted = text.includes('#') ? credentialIn(text.slice(text.indexOf('#'))) : undefined;
  if (linkedInvite === undefined && pasted?.link !== undefined) return { loginLink: pasted.link };
  const inviteCode = linkedInvite ?? pasted?.invite ?? text;
  if (inviteCode === '') return undefined;
  const called = name.value.trim();
  return called === '' ? { inviteCode } : { inviteCode, name: called };
}

function explain(answer) {
  if (answer.code !== 'login-failed') return fail(answer, messageFor(answer));
  if (linkedInvite !== undefined) {
    askPerson();
    return fail(answer, 'This invitation did not work: it may be used up or expired. Ask for a new one.');
  }
  return refuseCode('This code did not work. Check it for typing mistakes; it may also be used up or expired.', answer);
}

function refuseCode(message, answer) {
  fail(answer, message);
  code.setAttribute('aria-invalid', 'true');
  code.setAttribute('aria-describedby', 'failure-text');
  code.focus();
  code.select();
}

function offerRetry(answer, again) {
  fail(answer, messageFor(answer));
  show('retry');
  relabel(retry, 'Try again', answer.retryAfterSeconds);
  retry.onclick = () => {
    if (retry.getAttribute('aria-disabled') === 'true') return;
    clearFailure();
    void again();
  };
  retry.focus();
}

function messageFor({ code: problem, title, detail, retryAfterSeconds }) {
  switch (problem) {
    case 'unreachable':
      return 'The server cannot be reached. Check your connection and try again.';
    case 'rate-limited':
      return `Too many attempts from your network. Try again in ${inWords(retryAfterSeconds)}.`;
    case 'origin-refused':
    case 'csrf-refused':
      return `Logging in does not work under ${location.origin}. Open this page at its usual address.`;
    case 'unavailable':
      return 'Logging in does not work at the moment. Try again in a minute.';
    default:
      return detail ?? title ?? 'Something went wrong. Try again.';
  }
}

function inWords(seconds) {
  if (seconds <= 0) return 'a few minutes';
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function fail(answer, message) {
  element('failure').hidden = false;
  element('failure-text').textContent = message;
  element('reference').hidden = answer?.requestId === undefined;
  element('request-id').textContent = answer?.requestId ?? '';
  if (answer !== undefined && answer.retryAfterSeconds > 0) {
    relabel(submit, submit.dataset.label ?? '', answer.retryAfterSeconds);
  }
}

function clearFailure() {
  element('failure').hidden = true;
  // Emptied, so that the same message is announced again.
  element('failure-text').textContent = '';
  code.removeAttribute('aria-invalid');
  code.removeAttribute('aria-describedby');
}

/** Names a button, and keeps it from being used for `waitSeconds` without taking the focus from it. */
function relabel(button, label, waitSeconds = 0) {
  clearInterval(countdown);
  button.dataset.label = label;
  const endMs = performance.now() + waitSeconds * 1000;
  const tick = () => {
    const left = Math.ceil((endMs - performance.now()) / 1000);
    if (left <= 0) clearInterval(countdown);
    button.setAttribute('aria-disabled', String(left > 0));
    button.textContent = left > 0 ? `${label} (in ${clock(left)})` : label;
  };
  tick();
  if (waitSeconds > 0) countdown = setInterval(tick, 1000);
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Shows one of the page's three parts: work under way, the form, the button that tries again. */
function show(part, working = '') {
  element('working').textContent = part === 'working' ? working : '';
  form.hidden = part !== 'form';
  retry.hidden = part !== 'retry';
  if (part === 'form') setBusy(false);
}

function setBusy(isUnderWay) {
  isBusy = isUnderWay;
  if (isUnderWay) clearFailure();
  form.setAttribute('aria-busy', String(isUnderWay));
  submit.setAttribute('aria-disabled', String(isUnderWay));
  submit.textContent = isUnderWay ? 'Logging in…' : (submit.dataset.label ?? '');
}

/** One request; never throws. Failures come as the members of their problem (RFC 9457). */
async function ask(method, path, body) {
  try {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const options = { method, headers, signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error' };
    const answer = await fetch(path, body === undefined ? options : { ...options, body: JSON.stringify(body) });
    if (answer.ok) return { status: 200, retryAfterSeconds: 0 };
    return { ...(await problemOf(answer)), status: answer.status, retryAfterSeconds: retryAfter(answer) };
  } catch {
    // fetch says nothing about why: offline, refused, cut off or too slow look the same.
    return UNREACHABLE;
  }
}

async function problemOf(answer) {
  const isProblem = /^application\/problem\+json\b/.test(answer.headers.get('content-type') ?? '');
  return isProblem ? answer.json() : { title: `The server answered ${answer.status}.` };
}

function retryAfter(answer) {
  const seconds = Number(answer.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0;
}

function goOn() {
  show('working', 'You are logged in');
  location.replace(returnTo());
}

/** Where to go: only a path of this origin, since anything else would make this page an open redirect. */
function returnTo() {
  const home = `${location.origin}/`;
  const wanted = new URLSearchParams(location.search).get('returnTo') ?? '/';
  // oxlint-disable-next-line no-control-regex -- URL parsers drop some of them, so that `/<tab>/host` is another host.
  if (!/^\/(?!\/)[^\\\u0000-\u001f\u007f]*$/.test(wanted) || /^[^?#]*\/\//.test(wanted)) return home;
  const url = new URL(wanted, home);
  return url.origin === location.origin && url.pathname !== '/auth/login' ? url.href : home;
}

function credentialIn(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const [invite, link] = ['invite', 'link'].map((key) => {
    const value = parameters.get(key) ?? '';
    return value === '' || value.length > CREDENTIAL_CHARACTERS_MAX ? undefined : value;
  });
  return { invite, link };
}

/** Takes the credential out of the address bar and the history before anything else can read it there. */
function takeFragment() {
  const { hash } = location;
  if (hash !== '') history.replaceState(null, '', location.pathname + location.search);
  return credentialIn(hash);
}

form.addEventListener('submit', (event) => void logIn(event));
element('other-code').addEventListener('click', () => {
  clearFailure();
  askPerson();
});
// A link that is pasted into the address bar of this page loads nothing: only the fragment changes.
addEventListener('hashchange', () => {
  const credential = takeFragment();
  if (credential.invite === undefined && credential.link === undefined) return;
  clearFailure();
  void begin(credential);
});
// A page that comes back from the browser's cache would show the old state of a log-in that is over.
addEventListener('pageshow', (event) => {
  if (event.persisted) void begin();
});
void begin(takeFragment());
