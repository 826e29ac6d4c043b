// SPDX-License-Identifier: Apache-2.0
// A syslog receiver: syslog.mjs tcp|tls|udp PORT LOG [KEY CERT]. Each message is a line of JSON in LOG: its length as it
// was told (streams count octets, RFC 6587 and 5425) and its text.
import { createSocket } from 'node:dgram';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const [kind, port, log, key, cert] = process.argv.slice(2);
const write = (told, text) => appendFileSync(log, `${JSON.stringify({ told, bytes: Buffer.byteLength(text), text })}\n`);

function take(socket) {
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const blank = rest.indexOf(0x20);
      const told = blank > 0 ? Number(rest.subarray(0, blank).toString()) : NaN;
      if (!(told > 0) || rest.length < blank + 1 + told) return;
      write(told, rest.subarray(blank + 1, blank + 1 + told).toString());
      rest = rest.subarray(blank + 1 + told);
    }
  });
}

const ready = () => console.log('ready');
if (kind === 'udp') {
  const socket = createSocket('udp4');
  socket.on('message', (data) => write(data.length, data.toString()));
  socket.bind(Number(port), '127.0.0.1', ready);
} else if (kind === 'tls') {
  createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, take).listen(Number(port), '127.0.0.1', ready);
} else {
  createServer(take).listen(Number(port), '127.0.0.1', ready);
}
