// SPDX-License-Identifier: Apache-2.0
// control/API.md over HTTPS, keeping the sign-in cookie, for what a test does beside the browser.
import https from 'node:https';

export class Api {
    constructor(url) {
        this.url = new URL(url);
        this.cookie = '';
    }

    /** { status, headers, json, text }; `origin: null` sends none. */
    request(method, path, body, { origin = this.url.origin, headers = {} } = {}) {
        return new Promise((resolve, reject) => {
            const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
            const request = https.request({
                host: this.url.hostname, port: this.url.port, path, method, rejectUnauthorized: false,
                headers: {
                    ...(data ? { 'Content-Type': 'application/json', 'Content-Length': data.length } : {}),
                    ...(origin ? { Origin: origin } : {}),
                    ...(this.cookie ? { Cookie: this.cookie } : {}),
                    ...headers,
                },
            }, (response) => {
                const parts = [];
                response.on('data', (part) => parts.push(part));
                response.on('end', () => {
                    const text = Buffer.concat(parts).toString();
                    for (const cookie of response.headers['set-cookie'] ?? [])
                        this.cookie = cookie.split(';')[0];
                    let json;
                    try {
                        json = JSON.parse(text);
                    } catch {
                        json = undefined;
                    }
                    resolve({ status: response.statusCode, headers: response.headers, json, text });
                });
            });
            request.on('error', reject);
            request.end(data);
        });
    }

    get(path, options) {
        return this.request('GET', path, undefined, options);
    }

    post(path, body = {}, options) {
        return this.request('POST', path, body, options);
    }
}
