// SPDX-License-Identifier: Apache-2.0
// The contestants of bench/relay.mjs: our engine, HAProxy, nginx and stunnel, each with one worker on the last processor, and
// the same cipher, key type, tickets (none) and buffers. They are child processes with their own files in one folder.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { root, sleep } from './machine.mjs';

const CIPHER = 'TLS_AES_128_GCM_SHA256';
const LAST_CPU = os.cpus().length - 1;
const FIRST_PORT = Number(process.env.BENCH_PORT ?? 21720);
const isRoot = process.getuid() === 0;
const build = path.join(root, process.env.B ?? 'build/release');

export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'causeway-bench-'));
fs.chmodSync(folder, 0o755);
export function removeFolder() {
    fs.rmSync(folder, { recursive: true, force: true });
}

/* Interrupted or not, nothing of ours goes on. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => process.exit(75));
process.on('exit', () => {
    for (const child of running)
        child.kill('SIGKILL');
    removeFolder();
});

function write(name, text) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text);
    return file;
}

/** A P-256 certificate for the peers; the load checks none. */
function certificate() {
    const pem = path.join(folder, 'both.pem');
    if (fs.existsSync(pem))
        return pem;
    const key = path.join(folder, 'key.pem');
    const crt = path.join(folder, 'crt.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', crt, '-days', '2', '-subj', '/CN=bench'], { stdio: 'ignore' });
    fs.writeFileSync(pem, fs.readFileSync(crt, 'utf8') + fs.readFileSync(key, 'utf8'));
    return pem;
}

export function connects(port) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        const end = (isThere) => {
            socket.destroy();
            resolve(isThere);
        };
        socket.setTimeout(500, () => end(false)); // a SYN may be lost among thousands of resets
        socket.on('connect', () => end(true));
        socket.on('error', () => end(false));
    });
}

/** A relay that runs: { name, pid, port, target (arguments of the load), stop() }. */
class Relay {
    constructor(name, port, target, command, options = {}) {
        Object.assign(this, { name, port, target, log: '' });
        this.child = spawn('taskset', ['-c', String(LAST_CPU), ...command], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
        this.pid = this.child.pid; // taskset becomes the command
        for (const stream of [this.child.stdout, this.child.stderr])
            stream.on('data', (data) => { this.log = (this.log + data).slice(-4000); });
        this.ended = new Promise((resolve) => this.child.on('exit', resolve));
        running.add(this.child);
        this.child.on('exit', () => {
            this.isGone = true;
            running.delete(this.child);
        });
    }

    async listening() {
        for (let i = 0; i < 100 && !this.isGone; i++) {
            const isThere = await connects(this.port);
            await sleep(50);
            if (isThere && !this.isGone)
                return this;
        }
        await this.stop();
        throw new Error(`${this.name} does not listen on port ${this.port}:\n${this.log}`);
    }

    async stop(signal = 'SIGTERM') {
        if (!this.isGone)
            this.child.kill(signal);
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 6000);
        await this.ended;
        clearTimeout(timer);
    }
}

function haproxy(port, backend) {
    const config = write('haproxy.cfg', `global
  nbthread 1
  maxconn 9000
  ssl-default-bind-ciphersuites ${CIPHER}
  ssl-default-server-ciphersuites ${CIPHER}
  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets
  ssl-server-verify none
  tune.ssl.cachesize 0
  tune.bufsize 16384
defaults
  mode tcp
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend in
  bind 127.0.0.1:${port} ssl crt ${certificate()}
  default_backend out
backend out
  server s 127.0.0.1:${backend} ssl verify none no-ssl-reuse
`);
    return ['haproxy', '-f', config];
}

function nginx(port, backend) {
    certificate();
    const config = write('nginx.conf', `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
stream {
 server {
  listen 127.0.0.1:${port} ssl backlog=4096;
  ssl_certificate ${folder}/crt.pem;
  ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.3;
  ssl_conf_command Ciphersuites ${CIPHER};
  ssl_session_tickets off;
  ssl_session_cache off;
  tcp_nodelay on;
  proxy_pass 127.0.0.1:${backend};
  proxy_ssl on;
  proxy_ssl_protocols TLSv1.3;
  proxy_ssl_conf_command Ciphersuites ${CIPHER};
  proxy_ssl_verify off;
  proxy_ssl_session_reuse off;
  proxy_buffer_size 16k;
  proxy_timeout 300s;
 }
}
`);
    return ['nginx', '-c', config, '-p', folder];
}

/** TLS to TLS takes two services in one process, joined by a plain connection. */
function stunnel(port, backend) {
    const config = write('stunnel.conf', `foreground = yes
pid =
debug = 3
[in]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${port + 1}
cert = ${certificate()}
sslVersionMin = TLSv1.3
ciphersuites = ${CIPHER}
[out]
client = yes
accept = 127.0.0.1:${port + 1}
connect = 127.0.0.1:${backend}
sslVersionMin = TLSv1.3
ciphersuites = ${CIPHER}
`);
    return ['stunnel4', config];
}

const peers = { haproxy, nginx, stunnel };
export const peerNames = Object.keys(peers);

/** Throws when a peer is not installed: none is skipped in silence. */
export function requirePeers() {
    for (const [name, program] of [['haproxy', 'haproxy'], ['nginx', 'nginx'], ['stunnel', 'stunnel4']]) {
        try {
            execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`], { stdio: 'ignore' });
        } catch {
            throw new Error(`${name} is not installed: make bench-deps`);
        }
    }
    process.env.PATH += ':/usr/sbin';
}

let starts = 0;

/**
 * Each start takes another port: the kernel closes the sockets of an io_uring
 * a moment after its process has ended.
 */
export function startEngine({ workers = 1, port = FIRST_PORT + 56 + starts % 20, state = `engine-${starts++}` } = {}) {
    const config = write(`${state}.conf`, `listen_https = 127.0.0.1:${port}
listen_http = off
state_dir = ${folder}/${state}
run_dir = ${folder}/${state}-run
${isRoot ? 'user = nobody' : ''}
workers = ${workers}
log_level = warning
tcp_congestion = cubic
`);
    const relay = new Relay('causeway', port, ['--target', 'causeway', '--run-dir', `${folder}/${state}-run`], [path.join(build, 'causeway-engine'), '--config', config]);
    relay.state = state;
    return relay.listening();
}

export function start(name) {
    if (name === 'causeway')
        return startEngine();
    const slot = FIRST_PORT + 20 + 4 * peerNames.indexOf(name) + 12 * (starts++ % 3);
    const backend = slot + 2;
    return new Relay(name, slot, ['--target', 'plain-relay', '--backend', String(backend)], peers[name](slot, backend)).listening();
}

/** Runs causeway-load on the first processor; resolves with its figures as numbers. */
export function load(relay, scenario, options = [], { cpu = '0', onMeasuring = () => {} } = {}) {
    const args = ['-c', cpu, path.join(build, 'causeway-load'), scenario, ...relay.target, '--congestion', 'cubic', '--pid', String(relay.pid),
        '--json', '-', ...options.map(String), `127.0.0.1:${relay.port}`];
    return new Promise((resolve, reject) => {
        const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'pipe'] });
        running.add(child);
        let out = '';
        let err = '';
        child.stdout.on('data', (data) => { out += data; });
        child.stderr.on('data', (data) => {
            err += data;
            if (String(data).includes('measuring'))
                onMeasuring();
        });
        child.on('exit', (code) => {
            running.delete(child);
            if (code !== 0) {
                reject(new Error(`${scenario} through ${relay.name} failed (${code}): ${err.replace(/.*measuring\n/, '').trim()}\n${relay.log}`));
                return;
            }
            const figures = JSON.parse(out).figures;
            resolve(Object.fromEntries(Object.entries(figures).map(([key, figure]) => [key, figure.value])));
        });
    });
}
