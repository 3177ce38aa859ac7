console.log('steadygate');
