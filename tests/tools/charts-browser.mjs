// SPDX-License-Identifier: Apache-2.0
// charts-browser.mjs PROFILE STEP...: a headless Chromium that has a name for no host but 127.0.0.1,
// driven through a pipe by its debugging protocol. Steps, in turn:
//   open:URL     size:WIDTHxHEIGHT   theme:dark|light   shot:FILE.png
//   wait:SCRIPT  until it is true    eval:SCRIPT        its value is one of `values`
// SCRIPT is an expression, and may be a promise. Prints {values, complaints, requests}: complaints
// are all errors and warnings on the console, exceptions and what the page's policy forbade;
// requests are all URLs that were asked for. Fails when a step does.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

const PATIENCE = 90_000; // ms, of a step
const [profile, ...steps] = process.argv.slice(2);
// What it makes there it leaves there, and its sockets allow no longer path.
const temporary = mkdtempSync(`${tmpdir()}/swoll-browser-`);
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
const browser = spawn('chromium', [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temporary } });

const answers = new Map();
const values = [], complaints = [], requests = [];
let session, nextId = 0;

const listeners = {
  'Runtime.exceptionThrown': ({ exceptionDetails: { text, exception } }) => complaints.push(`exception: ${text} ${exception?.description ?? ''}`),
  'Runtime.consoleAPICalled': ({ type, args }) => {
    if (['error', 'warning', 'assert'].includes(type)) complaints.push(`${type}: ${args.map((arg) => arg.value ?? arg.description).join(' ')}`);
  },
  'Log.entryAdded': ({ entry }) => {
    if (['error', 'warning'].includes(entry.level)) complaints.push(`${entry.source} ${entry.level}: ${entry.text} ${entry.url ?? ''}`);
  },
  'Network.requestWillBeSent': ({ request }) => requests.push(request.url),
};

let unread = '';
browser.stdio[4].setEncoding('utf8').on('data', (text) => {
  const messages = (unread + text).split('\0');
  unread = messages.pop();
  for (const { id, method, params, result, error } of messages.map((message) => JSON.parse(message))) {
    if (id === undefined) listeners[method]?.(params);
    else if (error) answers.get(id).reject(new Error(error.message));
    else answers.get(id).resolve(result);
  }
});
browser.on('exit', (status) => answers.forEach(({ reject }) => reject(new Error(`chromium ended with ${status}`))));
browser.stdio[3].on('error', () => {});

const send = (method, params = {}) => new Promise((resolve, reject) => {
  answers.set(++nextId, { resolve, reject });
  browser.stdio[3].write(`${JSON.stringify({ id: nextId, method, params, sessionId: session })}\0`);
});

async function evaluate(expression) {
  const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const acts = {
  open: (url) => send('Page.navigate', { url }),
  size: (size) => {
    const [width, height] = size.split('x').map(Number);
    return send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  },
  theme: (value) => send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] }),
  wait: async (script) => {
    const end = Date.now() + PATIENCE;
    // What the page is just being replaced under is asked again.
    while (!(await evaluate(script).catch(() => false))) {
      if (Date.now() > end) throw new Error(`never true: ${script}`);
      await pause(50);
    }
  },
  eval: async (script) => values.push(await evaluate(script)),
  shot: async (file) => {
    await pause(600); // past the animation
    const { data } = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    writeFileSync(file, Buffer.from(data, 'base64'));
  },
};

// The policy's own word, for what the console might not say.
const watchPolicy = `addEventListener('securitypolicyviolation', (event) =>
  console.error('forbidden by the policy: ' + event.violatedDirective + ' ' + event.blockedURI));`;

let status = 0;
try {
  const { targetInfos } = await send('Target.getTargets');
  const { targetId } = targetInfos.find(({ type }) => type === 'page');
  session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  await send('Page.addScriptToEvaluateOnNewDocument', { source: watchPolicy });
  for (const step of steps) {
    const colon = step.indexOf(':');
    await acts[step.slice(0, colon)](step.slice(colon + 1));
  }
} catch (error) {
  console.error(error.message);
  status = 1;
}
console.log(JSON.stringify({ values, complaints, requests }, null, 1));
browser.kill('SIGKILL');
await new Promise((resolve) => (browser.exitCode ?? browser.signalCode) === null ? browser.on('exit', resolve) : resolve());
process.exit(status);
