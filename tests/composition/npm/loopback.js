// node --import loopback.js: a program connects to this machine alone. What it tries beyond is refused, and told.
import { Socket } from 'node:net';

const { connect } = Socket.prototype;

Socket.prototype.connect = function (...given) {
  const { host } = [given[0]].flat()[0] ?? {}; // Node hands its own arguments on as one list
  if (host && !['127.0.0.1', 'localhost', '::1'].includes(host)) {
    console.error(`beyond loopback: ${host}`);
    throw new Error(`${host} is beyond loopback.`);
  }
  return connect.apply(this, given);
};
