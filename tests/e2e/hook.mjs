// SPDX-License-Identifier: Apache-2.0
// A receiver of outbound events over HTTPS: hook.mjs PORT KEY CERT LOG [STATUS]. Each POST is a line of JSON in LOG;
// the file LOG.status, while it exists, has the status to answer with.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [port, key, cert, log] = process.argv.slice(2);
createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const status = existsSync(`${log}.status`) ? Number(readFileSync(`${log}.status`, 'utf8')) : 204;
    const line = { status, method: request.method, path: request.url, headers: request.headers, body };
    appendFileSync(log, `${JSON.stringify(line)}\n`);
    response.writeHead(status).end();
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
