// SPDX-License-Identifier: Apache-2.0
// Speaks to control's web.sock as the engine does: a PROXY v2 preface, then the bytes of standard input.
//   node web_sock.mjs SOCKET CLIENT_IPV4 < request > response
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';

const [path, client] = process.argv.slice(2);
const preface = Buffer.alloc(52);
Buffer.from('0d0a0d0a000d0a515549540a21210024', 'hex').copy(preface);
preface.fill(0xff, 26, 28); // ::ffff:a.b.c.d
client.split('.').forEach((part, i) => { preface[28 + i] = Number(part); });
preface[47] = 1;
preface.writeUInt16BE(51000, 48);
preface.writeUInt16BE(443, 50);

const socket = connect(path, () => socket.write(Buffer.concat([preface, readFileSync(0)])));
socket.on('data', (bytes) => process.stdout.write(bytes));
socket.on('error', (e) => { console.error(e.message); process.exitCode = 1; });
