import { SharedWorkerClient } from './client.js';

// Create a client instance
const client = new SharedWorkerClient('./worker.js');

// Subscribe to a channel
const unsubscribe = client.subscribe('user-data', (data) => {
  console.log('Received:', data);
});

// Publish data
client.publish('user-data', { name: 'John', id: 123 });

// Get current data
const data = await client.get('user-data');
console.log('Current:', data);

// Unsubscribe
unsubscribe();
