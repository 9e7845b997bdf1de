// SPDX-License-Identifier: Apache-2.0
// A canvas and a chat that all members of a group share: each stroke and each line is a message.

const WIDTH = 640;
const HEIGHT = 320;
const POINTS_MAX = 2_000;
const CHAT_MAX = 200;

export class Board {
  #canvas;
  #pen;
  #client;
  #name;
  #changed;
  chat = [];
  strokes = 0;

  /** @param changed is called when there is more to see */
  constructor(canvas, client, name, changed = () => {}) {
    this.#canvas = canvas;
    this.#client = client;
    this.#name = name;
    this.#changed = changed;
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    this.#pen = canvas.getContext('2d', { willReadFrequently: true });
    this.#pen.lineWidth = 3;
    this.#pen.lineCap = 'round';
  }

  /** Everybody draws what comes, their own, too: so all draw in the same order. */
  async join() {
    await this.#client.subscribe('board/strokes', { qos: 1 }, message => this.#draw(message.json()));
    await this.#client.subscribe('board/chat', { qos: 1 }, message => this.#heard(message.json()));
  }

  /** @param points [x, y] each, in pixels */
  stroke(points) {
    return this.#client.publish('board/strokes', JSON.stringify({ by: this.#name, points }), { qos: 1 });
  }

  say(text) {
    return this.#client.publish('board/chat', JSON.stringify({ by: this.#name, text }), { qos: 1 });
  }

  pixels() {
    return this.#pen.getImageData(0, 0, WIDTH, HEIGHT).data;
  }

  /** Where a pointer is on the canvas, whatever its size on the screen. */
  at({ offsetX, offsetY }) {
    return [Math.round((offsetX / this.#canvas.clientWidth) * WIDTH), Math.round((offsetY / this.#canvas.clientHeight) * HEIGHT)];
  }

  #draw({ by, points }) {
    if (!Array.isArray(points) || points.length > POINTS_MAX) return;
    this.#pen.strokeStyle = colour(String(by));
    this.#pen.beginPath();
    for (const [x, y] of points) this.#pen.lineTo(Number(x), Number(y));
    this.#pen.stroke();
    this.strokes++;
    this.#changed();
  }

  #heard({ by, text }) {
    this.chat.push(`${by}: ${text}`);
    if (this.chat.length > CHAT_MAX) this.chat.shift();
    this.#changed();
  }
}

function colour(name) {
  const hue = [...name].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % 360;
  return `hsl(${hue} 70% 40%)`;
}
