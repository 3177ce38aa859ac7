const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/**
 * Keeps a WebSocket open, and says how it is: `onState('live' | 'waiting')`, `onEvent(event)`.
 *
 * `onLost` is asked before each new attempt, because a socket also closes when the session ends.
 */
export function connectLive({ onEvent, onState, onLost }) {
  let socket;
  let retryMs = RETRY_MS_MIN;

  function open() {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    socket.addEventListener('open', () => {
      retryMs = RETRY_MS_MIN;
      onState('live');
    });
    socket.addEventListener('message', ({ data }) => onEvent(JSON.parse(data)));
    socket.addEventListener('close', retry);
  }

  function retry() {
    onState('waiting');
    setTimeout(() => void onLost().finally(open), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  }

  open();
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
  };
}
